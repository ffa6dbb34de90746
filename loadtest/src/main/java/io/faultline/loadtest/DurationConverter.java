// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest;

import java.time.Duration;
import java.util.Map;

/** Reads how long something takes: {@code 90s}, {@code 5m}, {@code 1.5h}, {@code 500ms}. */
final class DurationConverter extends TimeConverter {
    private static final int DIGITS_MAX = 6;
    private static final long NS_PER_MS = 1_000_000;

    DurationConverter() {
        super(
                DIGITS_MAX,
                Map.of("ms", NS_PER_MS, "s", 1_000 * NS_PER_MS, "m", 60_000 * NS_PER_MS, "h", 3_600_000 * NS_PER_MS));
    }

    @Override
    protected boolean isAllowed(Duration time) {
        return !time.isZero();
    }

    @Override
    protected String expected() {
        return "duration (expected: more than 0 with ms, s, m or h, such as 90s)";
    }
}
