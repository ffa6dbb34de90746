// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.prometheus;

import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The metrics that an expression in PromQL reads. What can hold words that are no metrics (strings, label matchers,
 * durations, lists of labels) is cut out first; what is left of words are operators, functions and metrics.
 */
public final class MetricNames {
    private static final Pattern NO_METRICS = Pattern.compile(
            "\"(?:[^\"\\\\]|\\\\.)*\"" // strings
                    + "|\\[[^\\]]*\\]" // durations
                    + "|\\b(?:by|without|on|ignoring|group_left|group_right)\\s*\\([^)]*\\)" // labels
                    + "|\\boffset\\s+\\w+");
    private static final Pattern MATCHERS = Pattern.compile("\\{[^}]*\\}");
    private static final Pattern WORD = Pattern.compile("(?<![\\w:.])([a-zA-Z_:][\\w:]*)(\\s*\\()?");
    private static final Set<String> OPERATORS =
            Set.of("and", "or", "unless", "bool", "group_left", "group_right", "inf", "nan", "start", "end");

    private MetricNames() {}

    /** The names, each once. */
    public static Set<String> of(String expr) {
        String bare = MATCHERS.matcher(NO_METRICS.matcher(expr).replaceAll(" ")).replaceAll(" ");
        Set<String> names = new TreeSet<>();
        Matcher words = WORD.matcher(bare);
        while (words.find()) {
            boolean isFunction = words.group(2) != null;
            if (!isFunction && !OPERATORS.contains(words.group(1).toLowerCase(Locale.ROOT))) {
                names.add(words.group(1));
            }
        }
        return names;
    }
}
