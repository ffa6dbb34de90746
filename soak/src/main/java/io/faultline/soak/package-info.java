// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** The whole system as processes, load that writes, strikes against it, and the proof that nothing was lost. */
@NullMarked
package io.faultline.soak;

import org.jspecify.annotations.NullMarked;
