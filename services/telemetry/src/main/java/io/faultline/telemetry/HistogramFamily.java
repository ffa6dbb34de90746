// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.telemetry;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.Exemplar;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One meter's histograms, one for each combination of tag values that there is. Filled with its members before it is bound;
 * they are recorded by an event loop and read by any thread.
 */
/*
 * Micrometer's own timers cost an event loop several times what is measured in some of its phases (decision 12), and offer no
 * way to be fed with counts. So Prometheus is given these histograms as they are, and any other registry their count and sum.
 */
public final class HistogramFamily implements MeterBinder {
    private static final long US = 1_000;
    private static final long MS = 1_000_000;
    private static final long S = 1_000_000_000;
    private static final long[] DURATIONS_NS = {
        5 * US,
        10 * US,
        25 * US,
        50 * US,
        100 * US,
        250 * US,
        500 * US,
        MS,
        2_500 * US,
        5 * MS,
        10 * MS,
        25 * MS,
        50 * MS,
        100 * MS,
        250 * MS,
        500 * MS,
        S,
        2_500 * MS,
        5 * S,
        10 * S
    };
    private static final long[] SIZES = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024};

    private final String name;
    private final String description;
    private final String unit;
    private final double valuesPerUnit;
    private final long[] bounds;
    private final double[] upperBounds;
    private final List<Member> members = new ArrayList<>();

    private HistogramFamily(String name, String description, String unit, double valuesPerUnit, long[] bounds) {
        this.name = name;
        this.description = description;
        this.unit = unit;
        this.valuesPerUnit = valuesPerUnit;
        this.bounds = bounds;
        this.upperBounds = new double[bounds.length + 1];
        for (int i = 0; i < bounds.length; i++) {
            upperBounds[i] = bounds[i] / valuesPerUnit;
        }
        upperBounds[bounds.length] = Double.POSITIVE_INFINITY;
    }

    /** A meter of durations, recorded in nanoseconds and read in seconds. */
    public static HistogramFamily ofDurations(String name, String description) {
        return new HistogramFamily(name, description, "seconds", S, DURATIONS_NS);
    }

    /** A meter of batches' sizes in records. */
    public static HistogramFamily ofRecords(String name, String description) {
        return new HistogramFamily(name, description, "records", 1, SIZES);
    }

    /** Adds the histogram of some tag values: key, value, key, value, …; the keys are the same for all. */
    public LoopHistogram with(String... tags) {
        LoopHistogram histogram = new LoopHistogram(bounds);
        members.add(new Member(Tags.of(tags), histogram));
        return histogram;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        if (registry instanceof PrometheusMeterRegistry prometheus) {
            prometheus.getPrometheusRegistry().register((Collector) this::snapshot);
            return;
        }
        for (Member member : members) {
            LoopHistogram histogram = member.histogram;
            if (unit.equals("seconds")) {
                FunctionTimer.builder(name, histogram, LoopHistogram::count, LoopHistogram::sum, TimeUnit.NANOSECONDS)
                        .description(description)
                        .tags(member.tags)
                        .register(registry);
            } else {
                FunctionCounter.builder(name, histogram, LoopHistogram::sum)
                        .description(description)
                        .baseUnit(unit)
                        .tags(member.tags)
                        .register(registry);
            }
        }
    }

    private MetricSnapshot snapshot() {
        HistogramSnapshot.Builder snapshot = HistogramSnapshot.builder()
                .name(name.replace('.', '_') + "_" + unit)
                .help(description)
                .unit(new Unit(unit));
        for (Member member : members) {
            snapshot.dataPoint(dataPoint(member));
        }
        return snapshot.build();
    }

    private HistogramDataPointSnapshot dataPoint(Member member) {
        LoopHistogram histogram = member.histogram;
        long[] counts = new long[upperBounds.length];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = histogram.bucketCount(i);
        }
        return new HistogramDataPointSnapshot(
                ClassicHistogramBuckets.of(upperBounds, counts),
                histogram.sum() / valuesPerUnit,
                labels(member.tags),
                exemplars(histogram),
                0);
    }

    private Exemplars exemplars(LoopHistogram histogram) {
        List<Exemplar> found = new ArrayList<>();
        for (int i = 0; i < upperBounds.length; i++) {
            LoopHistogram.Exemplar exemplar = histogram.exemplar(i);
            if (exemplar != null) {
                found.add(Exemplar.builder()
                        .value(exemplar.value() / valuesPerUnit)
                        .traceId(exemplar.trace().traceIdText())
                        .spanId(exemplar.trace().spanIdText())
                        .timestampMillis(exemplar.unixMs())
                        .build());
            }
        }
        return found.isEmpty() ? Exemplars.EMPTY : Exemplars.of(found);
    }

    private static Labels labels(Tags tags) {
        Labels.Builder labels = Labels.builder();
        tags.forEach(tag -> labels.label(tag.getKey(), tag.getValue()));
        return labels.build();
    }

    private record Member(Tags tags, LoopHistogram histogram) {}
}
