// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** Each part of a system lost once, under traffic, brought back, and judged. */
@NullMarked
package io.faultline.soak.loss;

import org.jspecify.annotations.NullMarked;
