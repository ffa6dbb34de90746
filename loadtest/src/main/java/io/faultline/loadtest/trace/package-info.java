// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Recorded fault streams: reading and writing them in their formats, mapping their sparse addresses onto a guest's memory,
 * and dealing their faults to tasks. A format is a {@code TraceFormat}; {@link TraceReader} finds the one that a file is in.
 */
@NullMarked
package io.faultline.loadtest.trace;

import org.jspecify.annotations.NullMarked;
