// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.loss;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.loadtest.grpc.FaultOutcome;
import io.faultline.loadtest.replay.ReplayObserver.Fault;
import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import io.faultline.model.Resolution;
import io.faultline.model.SyncReason;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class LossWatchTest {
    private static final int TASK = 0;
    private static final long ACCESS = 7;

    private final LossWatch watch = new LossWatch();

    @Test
    void anAccessIsAwaitedUntilItsFaultHasEnded() {
        raised(ACCESS, 10);
        assertThat(watch.await()).isEqualTo(1);
        raised(ACCESS + 1, 20);

        watch.wentAsync(TASK, ACCESS, 30);
        assertThat(watch.awaited()).isEqualTo(1);

        ended(ACCESS, 40);
        assertThat(watch.awaited()).isZero();
        assertThat(watch.faults()).isEqualTo(1);
        assertThat(watch.tokens()).isEqualTo(1);
    }

    @Test
    void anAccessWhoseStreamBrokeIsAwaitedUntilItsNextFaultHasEnded() {
        raised(ACCESS, 10);
        watch.await();

        watch.told(1, 20);
        assertThat(watch.awaited()).isEqualTo(1);
        assertThat(watch.told()).isEqualTo(1);

        raised(ACCESS, 30);
        ended(ACCESS, 40);
        assertThat(watch.awaited()).isZero();
    }

    @Test
    void aGuestThatIsGoneAwaitsNothingAndWasTold() {
        raised(ACCESS, 10);
        raised(ACCESS + 1, 10);
        watch.await();

        watch.guestGone();

        assertThat(watch.awaited()).isZero();
        assertThat(watch.told()).isEqualTo(2);
    }

    @Test
    void aVcpuStandsStillUntilItsFaultGoesAsynchronousOrItsStreamBreaks() {
        raised(ACCESS, 100);
        watch.wentAsync(TASK, ACCESS, 130);
        ended(ACCESS, 9_000);
        assertThat(watch.longestStandstillNs()).isEqualTo(30);

        raised(ACCESS + 1, 10_000);
        watch.told(1, 10_500);
        assertThat(watch.longestStandstillNs()).isEqualTo(500);
    }

    private void raised(long sequence, long nowNs) {
        watch.raised(new Fault(1, TASK, 3, sequence), nowNs);
    }

    private void ended(long sequence, long nowNs) {
        watch.ended(
                TASK,
                new FaultOutcome(
                        sequence,
                        FaultOutcome.Kind.RESOLVED,
                        0,
                        PageSource.DRAM,
                        SyncReason.NONE,
                        Resolution.READY,
                        FailReason.NONE,
                        ByteBuffer.allocate(0),
                        ""),
                0,
                nowNs);
    }
}
