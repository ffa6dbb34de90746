// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.loadtest.trace.Recording;
import io.faultline.loadtest.trace.Traces;
import io.faultline.model.PageSize;
import org.junit.jupiter.api.Test;

class TimetableTest {
    private static final int FAULTS = 5;
    private static final long MS = 1_000_000;
    private static final long BEGAN = 77 * MS;

    private final Recording recording =
            Recording.load(Traces.REDIS, new Recording.Options(PageSize.SIZE_4K, 511, FAULTS, false));
    private final Timetable timetable = new Timetable(new Schedule.Rate(1_000), recording);

    @Test
    void accessesAreDueOneAfterTheOtherFromTheBeginningOn() {
        assertThat(timetable.isToBegin()).isTrue();
        assertThat(timetable.dueBefore(BEGAN)).isZero();

        timetable.begin(BEGAN);

        assertThat(timetable.isToBegin()).isFalse();
        assertThat(timetable.dueBefore(BEGAN)).isOne();
        assertThat(timetable.nextNs()).isEqualTo(BEGAN + MS);
        assertThat(timetable.dueBefore(BEGAN + 2 * MS)).isEqualTo(3);
        assertThat(timetable.dueBefore(BEGAN + 4 * MS)).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void latenessCountsFromWhenAnAccessWasDue() {
        timetable.begin(BEGAN);
        timetable.raised(0, BEGAN);
        timetable.mapped(0, BEGAN + 9 * MS);
        timetable.raised(4, BEGAN + 10 * MS);
        timetable.mapped(4, BEGAN + 11 * MS);

        ReplayResult.OpenLoop kept = requireNonNull(timetable.result());

        assertThat(kept.wantedPerS()).isEqualTo(1_000);
        assertThat(kept.late().count()).isEqualTo(2);
        assertThat(kept.late().max()).isBetween(5_990.0, 6_010.0);
        assertThat(kept.sinceDue().max()).isBetween(8_990.0, 9_010.0);
    }

    @Test
    void whatWasDueWhenTheTimeWasUpAndNeverRaisedIsLateUntilTheEnd() {
        timetable.begin(BEGAN);
        timetable.raised(0, BEGAN);
        timetable.mapped(0, BEGAN);
        timetable.timeIsUp(BEGAN + 3 * MS);
        timetable.raised(1, BEGAN + 3 * MS);
        timetable.mapped(1, BEGAN + 4 * MS);

        assertThat(timetable.ended(BEGAN + 10 * MS)).isEqualTo(2);

        ReplayResult.OpenLoop kept = requireNonNull(timetable.result());
        assertThat(kept.wantedPerS()).isEqualTo(1_000);
        assertThat(kept.late().count()).isEqualTo(4);
        assertThat(kept.late().max()).isBetween(7_990.0, 8_010.0);
        assertThat(kept.sinceDue().count()).isEqualTo(4);
    }

    @Test
    void aGuestThatEndsByItselfLeavesNothingBehind() {
        timetable.begin(BEGAN);
        timetable.raised(0, BEGAN);
        timetable.mapped(0, BEGAN);

        assertThat(timetable.ended(BEGAN + 10 * MS)).isZero();
    }

    @Test
    void inAClosedLoopAllIsDueAndNothingLate() {
        Timetable closed = new Timetable(new Schedule.Closed(), recording);
        closed.raised(0, BEGAN);
        closed.mapped(0, BEGAN);

        assertThat(closed.isToBegin()).isFalse();
        assertThat(closed.dueBefore(0)).isEqualTo(Integer.MAX_VALUE);
        assertThat(closed.result()).isNull();
    }
}
