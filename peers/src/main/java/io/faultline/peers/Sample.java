// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers;

import java.util.Map;

/**
 * How one window of work went.
 *
 * @param perSecond units of work, such as pages, done in a second
 * @param p50Us the median time that a request took, in microseconds; not a number where nobody timed it
 * @param p99Us the 99th percentile of it
 * @param more further figures by their name, which ends with their unit
 */
public record Sample(double perSecond, double p50Us, double p99Us, Map<String, Double> more) {}
