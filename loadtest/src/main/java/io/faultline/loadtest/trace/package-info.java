// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Recorded fault streams: reading what ftrace printed, mapping its sparse addresses onto a guest's memory, and dealing
 * its faults to tasks.
 */
@NullMarked
package io.faultline.loadtest.trace;

import org.jspecify.annotations.NullMarked;
