// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.prometheus;

import io.faultline.deploy.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The metrics that services have, as {@code docs/metrics.md} lists them.
 *
 * @param names every name that a query may read, the parts of histograms among them
 */
public record MetricCatalogue(Set<String> names) {
    /** Prometheus' own of its alerts. */
    private static final String ALERTS = "ALERTS";

    /** What Prometheus itself adds. */
    private static final Set<String> OF_PROMETHEUS = Set.of("up", "scrape_duration_seconds", ALERTS);

    /** A timer that the JVM shows after its first collection. */
    private static final String GC_PAUSES = "jvm_gc_pause_seconds";

    private static final Pattern QUOTED_NAME =
            Pattern.compile("`((?:faultline|jvm|process|system|application|logback|disk|kafka_producer)_[a-z0-9_]+)`");
    private static final Pattern IS_HISTOGRAM = Pattern.compile("\\| (?:timer|histogram)\\b");
    private static final List<String> HISTOGRAM_PARTS = List.of("_bucket", "_count", "_sum");

    /** The names of which there is a series whatever has happened so far. */
    public Set<String> always() {
        return names.stream()
                .filter(name -> !name.equals(ALERTS) && !name.startsWith(GC_PAUSES))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Reads the catalogue. */
    public static MetricCatalogue read() {
        try {
            return of(Files.readAllLines(Repository.ROOT.resolve("docs/metrics.md")));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** The catalogue that these lines are: names stand in back-quotes, histograms are said to be so in their row. */
    static MetricCatalogue of(List<String> lines) {
        Set<String> names = new TreeSet<>(OF_PROMETHEUS);
        for (String line : lines) {
            boolean isHistogram = IS_HISTOGRAM.matcher(line).find();
            Matcher quoted = QUOTED_NAME.matcher(line);
            while (quoted.find()) {
                String name = quoted.group(1);
                if (isHistogram || name.equals(GC_PAUSES)) {
                    HISTOGRAM_PARTS.forEach(part -> names.add(name + part));
                } else {
                    names.add(name);
                }
            }
        }
        return new MetricCatalogue(names);
    }
}
