// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.telemetry.trace;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TraceTableTest {
    private final TraceQueue queue = TraceQueue.on();
    private final TraceTable<OneSpan> table = new TraceTable<>(queue);

    @Test
    void workThatEndsIsTold() {
        OneSpan work = new OneSpan(1);
        assertThat(table.add(work)).isTrue();
        assertThat(queue.poll()).isNull();

        table.end(work);

        assertThat(queue.poll()).isSameAs(work);
        assertThat(table.isEmpty()).isTrue();
    }

    @Test
    void noMoreThanSoMuchIsFollowed() {
        fill();

        assertThat(table.add(new OneSpan(TraceTable.KEPT_NS - 1))).isFalse();
        assertThat(queue.tableFull()).isEqualTo(1);
        assertThat(table.size()).isEqualTo(TraceTable.WORK_MAX);
    }

    @Test
    void workThatDoesNotEndGivesItsPlaceToNewWork() {
        OneSpan stuck = fill();
        OneSpan work = new OneSpan(TraceTable.KEPT_NS);

        assertThat(table.add(work)).isTrue();
        assertThat(queue.abandoned()).isEqualTo(1);
        assertThat(table.size()).isEqualTo(TraceTable.WORK_MAX);

        table.end(stuck);
        assertThat(queue.poll()).isNull();
        table.end(work);
        assertThat(queue.poll()).isSameAs(work);
    }

    @Test
    void aServiceThatSendsNoTracesFollowsNothing() {
        TraceTable<OneSpan> off = new TraceTable<>(TraceQueue.off());

        assertThat(off.add(new OneSpan(1))).isFalse();
        assertThat(off.isEmpty()).isTrue();
    }

    /** Fills the table with work that began at 0; the oldest. */
    private OneSpan fill() {
        OneSpan oldest = new OneSpan(0);
        table.add(oldest);
        while (table.size() < TraceTable.WORK_MAX) {
            table.add(new OneSpan(0));
        }
        return oldest;
    }
}
