// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.model.AuditChain;
import io.faultline.model.AuditStep;
import io.faultline.model.StepKind;
import io.faultline.model.Token;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AuditRingTest {
    private static final long VM = 0x7FFF_FFFF_FFFF_FFF1L;
    private static final int VCPU = Token.VCPU_ID_MAX;
    private static final long EPOCH = 1_700_000_000_000_001L;
    private static final long TIME_US = 1_700_000_000_000_777L;
    private static final long GFN = 0xF_FFFF_FFFF_FFFFL;

    private final AuditChain chain = new AuditChain(VM, VCPU, new AuditStep());
    private final StepRecord out = new StepRecord();

    @Test
    void aStepComesOutAsItWentIn() {
        AuditRing ring = new AuditRing(4);
        AuditStep step = chain.next(StepKind.FETCH_FAILED, EPOCH)
                .token(0xFEDC_BFFF)
                .gfn(GFN)
                .detail(0x7FFF_FFFF)
                .cause(Long.MAX_VALUE);

        assertThat(ring.offer(step, TIME_US)).isTrue();
        assertThat(ring.poll(out)).isTrue();

        assertThat(out.vmId).isEqualTo(VM);
        assertThat(out.vcpuId).isEqualTo(VCPU);
        assertThat(out.sequence).isEqualTo(1);
        assertThat(out.kind).isEqualTo(StepKind.FETCH_FAILED.code());
        assertThat(out.timeUs).isEqualTo(TIME_US);
        assertThat(out.epoch).isEqualTo(EPOCH);
        assertThat(out.token).isEqualTo(0xFEDC_BFFF);
        assertThat(out.gfn).isEqualTo(GFN);
        assertThat(out.detail).isEqualTo(0x7FFF_FFFF);
        assertThat(out.cause).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void anEmptyRingGivesNothing() {
        assertThat(new AuditRing(4).poll(out)).isFalse();
    }

    @Test
    void theSizeIsRoundedUpToAPowerOfTwo() {
        assertThat(new AuditRing(1).capacity()).isEqualTo(1);
        assertThat(new AuditRing(5).capacity()).isEqualTo(8);
        assertThat(new AuditRing(64).capacity()).isEqualTo(64);
    }

    @Test
    void aSizeOutOfRangeIsRefused() {
        assertThatThrownBy(() -> new AuditRing(0)).hasMessage("steps: 0 (expected: 1 to 16777216)");
    }

    @Test
    void aFullRingDropsAndCountsAndGoesOnOnceThereIsRoom() {
        AuditRing ring = new AuditRing(2);
        for (int step = 0; step < 5; step++) {
            ring.offer(chain.next(StepKind.RAISED, EPOCH), TIME_US);
        }
        ring.poll(out);
        ring.poll(out);

        assertThat(ring.offer(chain.next(StepKind.RAISED, EPOCH), TIME_US)).isTrue();

        assertThat(ring.dropped()).isEqualTo(3);
        assertThat(ring.offered()).isEqualTo(3);
        assertThat(ring.depth()).isEqualTo(1);
        ring.poll(out);
        assertThat(out.sequence).isEqualTo(6);
    }

    @Test
    void aSlowPollerSeesEveryStepThatWasTakenInOnceAndInOrder() throws Exception {
        int steps = 2_000_000;
        AuditRing ring = new AuditRing(64);

        long seen;
        try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
            Future<Long> poller = executor.submit(() -> pollUntil(ring, steps));
            for (int number = 1; number <= steps; number++) {
                AuditStep step = chain.next(StepKind.RAISED, EPOCH).gfn(number).cause(-number);
                // Drops are part of it; only the last step has to get through, for it ends the poller.
                while (!ring.offer(step, number) && number == steps) {
                    Thread.onSpinWait();
                }
            }
            seen = poller.get(60, TimeUnit.SECONDS);
        }

        assertThat(seen).isEqualTo(ring.offered());
        assertThat(ring.depth()).isZero();
    }

    private static long pollUntil(AuditRing ring, long last) {
        StepRecord step = new StepRecord();
        long seen = 0;
        long before = 0;
        while (before < last) {
            if (ring.poll(step)) {
                boolean whole = step.gfn == -step.cause && step.timeUs == step.gfn && step.vmId == VM;
                if (!whole || step.gfn <= before) {
                    throw new IllegalStateException("after step " + before + " came a torn or old one: " + step.gfn);
                }
                before = step.gfn;
                seen++;
            } else {
                Thread.onSpinWait();
            }
        }
        return seen;
    }
}
