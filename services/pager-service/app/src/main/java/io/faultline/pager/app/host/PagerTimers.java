// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.host;

import io.faultline.model.Tier;
import io.faultline.pager.domain.LoadResult;
import io.faultline.pager.domain.PageAnswer;
import io.faultline.telemetry.HistogramFamily;
import io.faultline.telemetry.LoopHistogram;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;

/** The timers {@code faultline.pager.*}: how long fetches and the swap store take. Recorded by the loop, read by any thread. */
public final class PagerTimers implements MeterBinder {
    private static final String OUTCOME = "outcome";

    private final HistogramFamily fetches =
            HistogramFamily.ofDurations("faultline.pager.fetch", "fetch received to answered");
    private final HistogramFamily reads =
            HistogramFamily.ofDurations("faultline.pager.store.read", "a page asked of the swap store, to its answer");
    private final HistogramFamily writes =
            HistogramFamily.ofDurations("faultline.pager.store.write", "a page given to the swap store, to its answer");

    private final LoopHistogram dram = fetches.with("tier", "dram", OUTCOME, "found");
    private final LoopHistogram compressed = fetches.with("tier", "compressed", OUTCOME, "found");
    private final LoopHistogram swapStore = fetches.with("tier", "swap_store", OUTCOME, "found");
    private final LoopHistogram absent = fetches.with("tier", "none", OUTCOME, "absent");
    private final LoopHistogram corrupt = fetches.with("tier", "none", OUTCOME, "corrupt");
    private final LoopHistogram unavailable = fetches.with("tier", "none", OUTCOME, "unavailable");
    private final LoopHistogram readFound = reads.with(OUTCOME, "found");
    private final LoopHistogram readAbsent = reads.with(OUTCOME, "absent");
    private final LoopHistogram readCorrupt = reads.with(OUTCOME, "corrupt");
    private final LoopHistogram readUnavailable = reads.with(OUTCOME, "unavailable");
    private final LoopHistogram stored = writes.with(OUTCOME, "stored");
    private final LoopHistogram notStored = writes.with(OUTCOME, "unavailable");

    /** Timers that have recorded nothing. */
    public PagerTimers() {}

    /** A fetch was answered with a page. */
    public void found(Tier tier, long durationNs, int times) {
        LoopHistogram histogram = switch (tier) {
            case DRAM -> dram;
            case COMPRESSED -> compressed;
            case SWAP_STORE -> swapStore;
            case NONE -> throw new IllegalArgumentException("tier: " + tier + " (expected: one with pages)");
        };
        histogram.record(durationNs, times);
    }

    /** A fetch was answered without a page. */
    public void notFound(PageAnswer answer, long durationNs) {
        switch (answer) {
            case ABSENT -> absent.record(durationNs);
            case CORRUPT -> corrupt.record(durationNs);
            case UNAVAILABLE -> unavailable.record(durationNs);
            case ZERO, STORED -> throw new IllegalArgumentException("answer: " + answer + " (expected: no page)");
        }
    }

    /** The swap store answered for a page. */
    void read(LoadResult result, long durationNs) {
        LoopHistogram histogram = switch (result) {
            case DATA, ZERO -> readFound;
            case ABSENT -> readAbsent;
            case CORRUPT -> readCorrupt;
            case UNAVAILABLE -> readUnavailable;
        };
        histogram.record(durationNs);
    }

    /** The swap store has pages, or could not take them. */
    void written(boolean ok, long durationNs, int pages) {
        (ok ? stored : notStored).record(durationNs, pages);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        List.of(fetches, reads, writes).forEach(family -> family.bindTo(registry));
    }
}
