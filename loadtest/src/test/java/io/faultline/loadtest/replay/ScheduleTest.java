// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.loadtest.trace.Recording;
import io.faultline.loadtest.trace.Traces;
import io.faultline.model.PageSize;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTest {
    private static final int FAULTS = 1_000;

    private final Recording recording =
            Recording.load(Traces.REDIS, new Recording.Options(PageSize.SIZE_4K, 511, FAULTS, false));

    @Test
    void aRateSpacesAccessesEvenly() {
        Schedule schedule = new Schedule.Rate(4_000);

        assertThat(schedule.dueNs(recording, 0)).isZero();
        assertThat(schedule.dueNs(recording, 1)).isEqualTo(250_000);
        assertThat(schedule.dueNs(recording, 999)).isEqualTo(249_750_000);
    }

    @Test
    void recordedTimesBeginWithTheFirstFaultAndAreScaled() {
        assertThat(recording.hasTimes()).isTrue();
        Schedule asRecorded = new Schedule.Recorded(1);
        Schedule twice = new Schedule.Recorded(2);
        long before = 0;

        for (int fault = 0; fault < FAULTS; fault++) {
            long due = asRecorded.dueNs(recording, fault);
            assertThat(due).isGreaterThanOrEqualTo(before).isEqualTo(recording.timeNs(fault));
            assertThat(twice.dueNs(recording, fault)).isEqualTo(due / 2);
            before = due;
        }
        assertThat(asRecorded.dueNs(recording, 0)).isZero();
        assertThat(before).isPositive();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, 1e9, Double.NaN})
    void aRateOrSpeedThatCannotBeIsRefused(double value) {
        assertThatThrownBy(() -> new Schedule.Rate(value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected: more than 0, at most 1000000");
        assertThatThrownBy(() -> new Schedule.Recorded(value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected: 0.001 to 1000000");
    }
}
