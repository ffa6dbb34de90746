// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Traces: what a loop notes of the few faults that are traced, and the thread that makes OpenTelemetry's spans of it and sends
 * them to a collector.
 */
@NullMarked
package io.faultline.telemetry.trace;

import org.jspecify.annotations.NullMarked;
