// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** A wall clock that can be put forward and back under running processes, without a right to the machine's. */
@NullMarked
package io.faultline.soak.clock;

import org.jspecify.annotations.NullMarked;
