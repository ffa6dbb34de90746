// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WallClockTest {
    private static final long START_MS = 1_700_000_000_000L;
    private static final long HOUR_MS = 3_600_000;

    private final AtomicLong machineMs = new AtomicLong(START_MS);
    private final AtomicLong monotonicNs = new AtomicLong(-5_000_000_000L);
    private final WallClock clock = new WallClock(machineMs::get, monotonicNs::get);

    @Test
    void itStartsAtTheMachinesTimeAndGoesOnWithTheMonotonicOne() {
        assertThat(clock.getAsLong()).isEqualTo(START_MS * 1_000);

        pass(1_500);
        machineMs.addAndGet(-HOUR_MS);

        assertThat(clock.getAsLong()).isEqualTo(START_MS * 1_000 + 1_500_000);
    }

    @Test
    void aStepBackIsNoticedOnce() {
        pass(10_000);
        assertThat(clock.wasPutBack()).isFalse();

        machineMs.addAndGet(-HOUR_MS);

        assertThat(clock.wasPutBack()).isTrue();
        pass(5);
        assertThat(clock.wasPutBack()).isFalse();
    }

    @Test
    void aStepForwardIsNone() {
        machineMs.addAndGet(HOUR_MS);

        assertThat(clock.wasPutBack()).isFalse();
    }

    @Test
    void aStepBackAfterOneForwardIsNoticed() {
        machineMs.addAndGet(HOUR_MS);
        assertThat(clock.wasPutBack()).isFalse();

        machineMs.addAndGet(-HOUR_MS);

        assertThat(clock.wasPutBack()).isTrue();
    }

    @Test
    void aClockThatIsSlowedIsNotPutBack() {
        for (int hour = 0; hour < 24; hour++) {
            pass(HOUR_MS);
            machineMs.addAndGet(-900);

            assertThat(clock.wasPutBack()).isFalse();
        }
    }

    private void pass(long ms) {
        machineMs.addAndGet(ms);
        monotonicNs.addAndGet(TimeUnit.MILLISECONDS.toNanos(ms));
    }
}
