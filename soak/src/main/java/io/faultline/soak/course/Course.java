// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.course;

import java.util.List;

/**
 * What processes took from a run's beginning to its end. Immutable.
 *
 * @param series each measure of each process
 * @param runS how long it was, in seconds
 */
public record Course(List<Series> series, double runS) {
    /** Shorter runs are not judged: their JVMs have not come to rest. */
    public static final double JUDGED_FROM_S = 300;

    /** Copies the list. */
    public Course {
        series = List.copyOf(series);
    }

    /** Whether what grows counts against the run. */
    public boolean isJudged() {
        return runS >= JUDGED_FROM_S;
    }

    /** The judgement of one of the series. */
    public Flatness.Verdict verdict(Series each) {
        return Flatness.of(each, runS);
    }

    /** What grows, or could not be judged, in words; empty for a run that is not judged. */
    public List<String> complaints() {
        return isJudged()
                ? series.stream().flatMap(each -> complaint(each).stream()).toList()
                : List.of();
    }

    private List<String> complaint(Series each) {
        Flatness.Verdict verdict = verdict(each);
        Measure measure = each.measure();
        return switch (verdict.kind()) {
            case FLAT -> List.of();
            case GROWS ->
                List.of("%s: %s grew by %s in %.0f s, from a median of %s (expected: by %s at most)"
                        .formatted(
                                each.process(),
                                measure.words(),
                                measure.shown(verdict.growth()),
                                verdict.judgedS(),
                                measure.shown(verdict.median()),
                                measure.shown(verdict.allowed())));
            case NOT_JUDGED ->
                List.of("%s: %s has %d samples after the first third (expected: %d or more)"
                        .formatted(each.process(), measure.words(), verdict.samples(), Flatness.SAMPLES_MIN));
        };
    }
}
