// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** The management port: a small HTTP server for scrapers and probes, on a thread of its own. */
@NullMarked
package io.faultline.telemetry.http;

import org.jspecify.annotations.NullMarked;
