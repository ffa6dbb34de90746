// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class TimeSlotsTest {
    private static final long MS = 1_000_000;

    @Test
    void sumsGoToTheSlotOfTheirTime() {
        TimeSlots slots = new TimeSlots(2);
        slots.add(0, 0, 1);
        slots.add(0, MS - 1, 1);
        slots.add(1, 2 * MS, 5);

        assertThat(slots.sums(0)).containsExactly(2, 0, 0);
        assertThat(slots.sums(1)).containsExactly(0, 0, 5);
    }

    @Test
    void aLongRunHasWiderSlotsAndNoMoreOfThem() {
        TimeSlots slots = new TimeSlots(1);
        long countsOfAll = 0;
        for (long second = 0; second < 7_200; second++) {
            slots.add(0, second * 1_000 * MS, 3);
            countsOfAll += 3;
            assertThat(slots.sums(0).length).isLessThanOrEqualTo(TimeSlots.SLOTS_MAX);
        }

        assertThat(Arrays.stream(slots.sums(0)).sum()).isEqualTo(countsOfAll);
        assertThat(slots.sums(0).length).isGreaterThanOrEqualTo(TimeSlots.SLOTS_MAX / 2);
        assertThat(slots.widthNs() * TimeSlots.SLOTS_MAX).isGreaterThanOrEqualTo(7_199_000 * MS);
    }

    @Test
    void aStretchIsSharedOutToTheSlotsThatItTouches() {
        TimeSlots slots = new TimeSlots(1);
        slots.addOver(0, MS / 2, 2 * MS + MS / 4, 4);

        assertThat(slots.sums(0)).containsExactly(2 * MS, 4 * MS, MS);
    }

    @Test
    void aStretchThatMakesSlotsWiderIsSharedOutToTheWiderOnes() {
        TimeSlots slots = new TimeSlots(1);
        slots.addOver(0, 0, 200 * MS, 1);

        assertThat(slots.widthNs()).isEqualTo(2 * MS);
        assertThat(slots.sums(0)).hasSize(101).startsWith(2 * MS, 2 * MS).endsWith(2 * MS, 0);
    }
}
