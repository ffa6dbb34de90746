// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.faultline.audit;

import org.jspecify.annotations.NullMarked;
