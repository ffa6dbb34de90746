// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report.history;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A short stretch of a run, in which everything that some tasks did is kept. Stretches are taken at times that double, and
 * the latest whole one stays: it lies in the second half of the run, or a little before, however long the run is. One
 * thread.
 */
final class TimelineSample {
    /** How many tasks are watched, those with the lowest numbers. */
    static final int TASKS_MAX = 24;

    /** How many spans end a stretch; those of tasks that are parked then come on top. */
    static final int SPANS_MAX = 600;

    private static final long SECOND_STRETCH_NS = 125_000_000;

    /** What a task does, or has its vCPU do. */
    enum State {
        /** Its vCPU stands still for the answer that it may run on. */
        ASKING,
        /** Its vCPU stands still until the page, which is there, is mapped. */
        MAPPING,
        /** Its vCPU stands still for the page. */
        STANDING_STILL,
        /** It is put aside, and its vCPU may run others. */
        PARKED;

        /** Its key in a JSON object. */
        String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A span of time in one state, in nanoseconds from the run's beginning.
     *
     * @param vcpuId the task's vCPU
     * @param task the task
     */
    record Span(int vcpuId, int task, State state, long fromNs, long toNs) {}

    private List<Span> shown = new ArrayList<>();
    private List<Span> taken = new ArrayList<>();
    private boolean isTaking = true;
    private long stretchBeganNs;
    private long nextStretchNs = SECOND_STRETCH_NS;

    /** Whether a task is among those that are watched. */
    static boolean isWatched(int task) {
        return task < TASKS_MAX;
    }

    /** Whether a span that ends now would be looked at. */
    boolean wants(int task, long timeNs) {
        return task < TASKS_MAX && (isTaking || timeNs >= nextStretchNs);
    }

    /** A watched task's span ended. True when the stretch has all its spans: {@link #close} is due. */
    boolean ended(Span span) {
        if (!isTaking) {
            if (span.toNs < nextStretchNs) {
                return false;
            }
            isTaking = true;
            stretchBeganNs = span.toNs;
            taken = new ArrayList<>();
            while (nextStretchNs <= stretchBeganNs) {
                nextStretchNs *= 2;
            }
            return false;
        }
        addClipped(span);
        return taken.size() >= SPANS_MAX;
    }

    /** Ends the stretch, with what tasks are in the midst of, and keeps it. */
    void close(List<Span> unfinished) {
        unfinished.forEach(this::addClipped);
        shown = taken;
        taken = new ArrayList<>();
        isTaking = false;
    }

    /** Ends the run: a stretch that is not whole is kept only where the one before has not more to show. */
    void finish(List<Span> unfinished) {
        if (isTaking && taken.size() >= shown.size()) {
            close(unfinished);
        }
    }

    /** The spans of the stretch that was kept. */
    List<Span> spans() {
        return List.copyOf(shown);
    }

    private void addClipped(Span span) {
        if (span.toNs > stretchBeganNs) {
            taken.add(new Span(span.vcpuId, span.task, span.state, Math.max(span.fromNs, stretchBeganNs), span.toNs));
        }
    }
}
