// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.prometheus;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a runbook refers to.
 *
 * @param queries the expressions in PromQL among its commands
 * @param links the files that it links to, relative to its folder
 */
record Runbook(List<String> queries, List<String> links) {
    private static final Pattern QUERY = Pattern.compile("promtool query instant \\S+ '([^']+)'");
    private static final Pattern LINK = Pattern.compile("]\\(([^)#]+)\\)");

    /** Reads one. */
    static Runbook read(Path file) throws IOException {
        String text = Files.readString(file);
        return new Runbook(all(QUERY, text), all(LINK, text));
    }

    /** The metrics that its queries read. */
    Set<String> metrics() {
        return queries.stream().flatMap(query -> MetricNames.of(query).stream()).collect(Collectors.toSet());
    }

    private static List<String> all(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map((MatchResult found) -> found.group(1))
                .toList();
    }
}
