// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.faultline.model.AuditChain;
import io.faultline.model.AuditStep;
import io.faultline.model.StepKind;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;
import org.openjdk.jcstress.infra.results.JJJ_Result;

/** The audit ring between the loop that offers and the publisher that polls. */
public final class AuditRingStress {
    private static final int TOKEN = 0x1000;
    private static final long TIME_US = 9;
    private static final long CAUSE = 5;

    private AuditRingStress() {}

    private static AuditStep step(long cause) {
        return new AuditChain(7, 0, new AuditStep())
                .next(StepKind.READY, 1)
                .token(TOKEN)
                .cause(cause);
    }

    /** What the publisher sees of a step is all of it or nothing. */
    @JCStressTest
    @Outcome(id = "0, 0, 0", expect = ACCEPTABLE, desc = "the ring was still empty")
    @Outcome(id = "5, 9, 4096", expect = ACCEPTABLE, desc = "the whole step came")
    @Outcome(expect = FORBIDDEN, desc = "a step that is not whole")
    @State
    public static class Whole {
        private final AuditRing ring = new AuditRing(1);
        private final AuditStep step = step(CAUSE);
        private final StepRecord polled = new StepRecord();

        /** The loop. */
        @Actor
        public void offer() {
            ring.offer(step, TIME_US);
        }

        /** The publisher. */
        @Actor
        public void poll(JJJ_Result result) {
            if (ring.poll(polled)) {
                result.r1 = polled.cause;
                result.r2 = polled.timeUs;
                result.r3 = polled.token;
            }
        }
    }

    /** A full ring drops the new step; it never writes over one that is not polled. */
    @JCStressTest
    @Outcome(id = "1, 0, 0, 1", expect = ACCEPTABLE, desc = "full: the second was dropped, and counted")
    @Outcome(id = "1, 1, 2, 0", expect = ACCEPTABLE, desc = "the first had been polled: the second follows it")
    @Outcome(expect = FORBIDDEN, desc = "a step was lost uncounted, doubled or written over")
    @State
    public static class Full {
        private final AuditRing ring = new AuditRing(1);
        private final AuditStep second = step(2);
        private final StepRecord polled = new StepRecord();

        /** A ring that holds the first step. */
        public Full() {
            ring.offer(step(1), TIME_US);
        }

        /** The loop. */
        @Actor
        public void offer(IIII_Result result) {
            result.r2 = ring.offer(second, TIME_US) ? 1 : 0;
        }

        /** The publisher. */
        @Actor
        public void poll(IIII_Result result) {
            result.r1 = ring.poll(polled) ? (int) polled.cause : 0;
        }

        /** What is left afterwards. */
        @Arbiter
        public void rest(IIII_Result result) {
            result.r3 = ring.poll(polled) ? (int) polled.cause : 0;
            result.r4 = (int) ring.dropped();
        }
    }
}
