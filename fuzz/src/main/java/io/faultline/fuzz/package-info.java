// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** Fuzzing of everything that reads bytes from outside, guided by coverage: targets, and the command that runs them. */
@NullMarked
package io.faultline.fuzz;

import org.jspecify.annotations.NullMarked;
