// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a time as people write it, a number and a unit, such as {@code 5ms}. */
public abstract class TimeConverter implements ITypeConverter<Duration> {
    private final Pattern number;
    private final Map<String, Long> nsOfUnit;

    /**
     * A converter.
     *
     * @param digitsMax how many digits the number may have before its point, and behind it
     * @param nsOfUnit how many nanoseconds each unit is; the empty one, if it is there, of a bare number
     */
    protected TimeConverter(int digitsMax, Map<String, Long> nsOfUnit) {
        number = Pattern.compile("(\\d{1,%1$d}(?:\\.\\d{1,%1$d})?)(\\D*)".formatted(digitsMax));
        this.nsOfUnit = nsOfUnit;
    }

    @Override
    public Duration convert(String text) {
        Matcher matcher = number.matcher(text);
        Long unitNs = matcher.matches() ? nsOfUnit.get(matcher.group(2)) : null;
        Duration time = unitNs == null
                ? null
                : Duration.ofNanos(new BigDecimal(matcher.group(1))
                        .multiply(BigDecimal.valueOf(unitNs))
                        .longValue());
        if (time == null || !isAllowed(time)) {
            throw new TypeConversionException("'" + text + "' is not a " + expected());
        }
        return time;
    }

    /** Whether a time that could be read may be used. */
    protected boolean isAllowed(Duration time) {
        return true;
    }

    /** What is read, and in brackets how it is written. */
    protected abstract String expected();
}
