// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** What a service tells of itself: meters, probes, traces, and the HTTP port where they are read. */
@NullMarked
package io.faultline.telemetry;

import org.jspecify.annotations.NullMarked;
