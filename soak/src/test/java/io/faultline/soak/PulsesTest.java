// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.loadtest.replay.ReplayProgress.Phase;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PulsesTest {
    private final Pulse first = new Pulse();
    private final Pulse second = new Pulse();

    @Test
    void aGuestThatStandsStillIsNamed() {
        first.reached(Phase.READ_BACK, 10, 20);
        second.reached(Phase.REPLAY, 30, 40);

        assertThatThrownBy(() -> pulses(Duration.ZERO).awaitProgress())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("guest 1 has not ended 8 further faults within 0 s, at 30 of 40");
    }

    @Test
    void whoDoesNotReplayIsNotWaitedFor() {
        first.reached(Phase.POPULATE, 1, 2);

        pulses(Duration.ZERO).awaitProgress();
    }

    @Test
    void aGuestHasGotOnWhenFurtherFaultsHaveEnded() throws InterruptedException {
        AtomicBoolean isOver = new AtomicBoolean();
        first.reached(Phase.REPLAY, 0, Long.MAX_VALUE);
        Thread guest = Thread.ofPlatform().start(() -> {
            for (long done = 1; !isOver.get(); done++) {
                first.reached(Phase.REPLAY, done, Long.MAX_VALUE);
                LockSupport.parkNanos(100_000);
            }
        });

        pulses(Duration.ofSeconds(20)).awaitProgress();

        isOver.set(true);
        guest.join();
        assertThat(requireNonNull(first.last()).done()).isGreaterThanOrEqualTo(8);
    }

    @Test
    void onlyTimeWithoutAnyEndOfAFaultIsAStandstill() {
        first.reached(Phase.POPULATE, 1, 2);
        first.reached(Phase.REPLAY, 0, 100);
        assertThat(first.longestStandstillNs()).isZero();

        first.reached(Phase.REPLAY, 1, 100);

        assertThat(first.longestStandstillNs()).isPositive();
        assertThat(pulses(Duration.ZERO).longestStandstillNs()).isEqualTo(first.longestStandstillNs());
    }

    private Pulses pulses(Duration patience) {
        return new Pulses(List.of(first, second), 8, patience);
    }
}
