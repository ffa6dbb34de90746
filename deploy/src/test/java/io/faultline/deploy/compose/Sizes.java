// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.compose;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Sizes and durations as Compose files write them. */
final class Sizes {
    private static final Pattern SIZE = Pattern.compile("([0-9]+)(k|m|g|mb|kb|gb)");
    private static final Pattern DURATION = Pattern.compile("([0-9]+)s");
    private static final String UNITS = "kmg";

    private Sizes() {}

    /** A size such as {@code 640m} in bytes. */
    static long bytes(@Nullable String size) {
        Matcher matcher = matched(SIZE, size);
        return Long.parseLong(matcher.group(1))
                << (10 * (1 + UNITS.indexOf(matcher.group(2).charAt(0))));
    }

    /** A duration such as {@code 20s} in seconds. */
    static long seconds(@Nullable String duration) {
        return Long.parseLong(matched(DURATION, duration).group(1));
    }

    private static Matcher matched(Pattern pattern, @Nullable String text) {
        Matcher matcher = pattern.matcher(text == null ? "" : text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(text + " (expected: " + pattern + ")");
        }
        return matcher;
    }
}
