// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a latency as people write it: {@code 5ms}, {@code 800us}, {@code 0.5s}; a bare number is in milliseconds. */
final class LatencyConverter implements ITypeConverter<Duration> {
    private static final Pattern LATENCY = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)(us|µs|ms|s)?");

    @Override
    public Duration convert(String text) {
        Matcher latency = LATENCY.matcher(text);
        if (!latency.matches()) {
            throw new TypeConversionException(
                    "'" + text + "' is not a latency (expected: a number with us, ms or s, such as 5ms)");
        }
        long unitNs = switch (latency.group(2)) {
            case "us", "µs" -> 1_000;
            case "s" -> 1_000_000_000;
            case null, default -> 1_000_000;
        };
        return Duration.ofNanos(new BigDecimal(latency.group(1))
                .multiply(BigDecimal.valueOf(unitNs))
                .longValue());
    }
}
