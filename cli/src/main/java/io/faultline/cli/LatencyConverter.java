// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import io.faultline.loadtest.TimeConverter;
import java.util.Map;

/** Reads a latency as people write it: {@code 5ms}, {@code 800us}, {@code 0.5s}; a bare number is in milliseconds. */
final class LatencyConverter extends TimeConverter {
    private static final int DIGITS_MAX = 9;
    private static final long NS_PER_US = 1_000;
    private static final long NS_PER_MS = 1_000_000;

    LatencyConverter() {
        super(
                DIGITS_MAX,
                Map.of("us", NS_PER_US, "µs", NS_PER_US, "ms", NS_PER_MS, "", NS_PER_MS, "s", 1_000 * NS_PER_MS));
    }

    @Override
    protected String expected() {
        return "latency (expected: a number with us, ms or s, such as 5ms)";
    }
}
