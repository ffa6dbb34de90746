// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads how long something takes as people write it: {@code 90s}, {@code 5m}, {@code 1.5h}, {@code 500ms}. */
final class DurationConverter implements ITypeConverter<Duration> {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,6}(?:\\.\\d{1,6})?)(ms|s|m|h)");

    @Override
    public Duration convert(String text) {
        Matcher duration = DURATION.matcher(text);
        Duration read = duration.matches() ? read(duration.group(1), duration.group(2)) : Duration.ZERO;
        if (read.isZero()) {
            throw new TypeConversionException(
                    "'" + text + "' is not a duration (expected: more than 0 with ms, s, m or h, such as 90s)");
        }
        return read;
    }

    private static Duration read(String number, String unit) {
        long unitMs = switch (unit) {
            case "h" -> 3_600_000;
            case "m" -> 60_000;
            case "s" -> 1_000;
            default -> 1;
        };
        return Duration.ofNanos(new BigDecimal(number)
                .multiply(BigDecimal.valueOf(unitMs * 1_000_000))
                .longValue());
    }
}
