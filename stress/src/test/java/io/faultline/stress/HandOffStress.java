// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.stress;

import static io.faultline.stress.Handed.LOOP;
import static io.faultline.stress.Handed.T1;
import static io.faultline.stress.Handed.T2;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.IL_Result;

/** Two threads hand a vCPU's notifications over to the loop at the same time: either may be first, and no third thing happens. */
public final class HandOffStress {
    private HandOffStress() {}

    /*
     * The kernel's producer raises a request, then reads whether a page-ready is pending; its consumer clears that, then
     * looks for completions. Without fences both may look too early, and the page-ready never comes (K1). Here the loop
     * is the fence.
     */

    /** A completion meets the acknowledgement of the page-ready before it. */
    @JCStressTest
    @Outcome(id = "1, OWNER", expect = ACCEPTABLE, desc = "acknowledged first: the completion tells the guest")
    @Outcome(id = "1, GUEST", expect = ACCEPTABLE, desc = "completed first: the acknowledgement tells the guest")
    @Outcome(expect = FORBIDDEN, desc = "nobody told the guest, or both did")
    @State
    public static class AcknowledgeAndCompletion {
        private final Handed vcpu = new Handed(LOOP).park(T1).park(T2).unacknowledged(T1);

        /** The fault plane's thread. */
        @Actor
        public void complete() {
            vcpu.complete(T2);
        }

        /** The guest's thread. */
        @Actor
        public void acknowledge() {
            vcpu.acknowledge();
        }

        /** What came of it. */
        @Arbiter
        public void told(IL_Result result) {
            vcpu.await();
            result.r1 = vcpu.ready;
            result.r2 = vcpu.readyBy;
        }
    }

    /** A completion meets the moment at which the guest can be told of the publication. */
    @JCStressTest
    @Outcome(id = "0, 1, 0", expect = ACCEPTABLE, desc = "cancelled: the guest never hears of it")
    @Outcome(id = "1, 0, 1", expect = ACCEPTABLE, desc = "delivered: page-ready follows once it was handled")
    @Outcome(expect = FORBIDDEN, desc = "both or neither, or a ready too many or too few")
    @State
    public static class CancelAndDeliver {
        private final Handed vcpu = new Handed(LOOP).pend(T1);

        /** The fault plane's thread. */
        @Actor
        public void complete() {
            vcpu.complete(T1);
        }

        /** The guest's thread. */
        @Actor
        public void deliver() {
            vcpu.becomeWritable();
        }

        /** What came of it, the guest's handler included. */
        @Arbiter
        public void ended(III_Result result) {
            vcpu.await();
            result.r1 = vcpu.delivered;
            result.r2 = vcpu.cancelled;
            vcpu.handled();
            result.r3 = vcpu.ready;
        }
    }

    /** A publication meets the guest's leaving. */
    @JCStressTest
    @Outcome(id = "1, 0, 0", expect = ACCEPTABLE, desc = "published first: dropped with the guest")
    @Outcome(id = "0, 1, 0", expect = ACCEPTABLE, desc = "detached first: refused")
    @Outcome(expect = FORBIDDEN, desc = "both or neither, or a page-ready for a guest that is gone")
    @State
    public static class DetachAndPublish {
        private final Handed vcpu = new Handed(LOOP);

        /** The fault plane's thread. */
        @Actor
        public void publish() {
            vcpu.publish(T1);
        }

        /** The guest's thread. */
        @Actor
        public void detach() {
            vcpu.detach();
        }

        /** What came of it; its page comes then. */
        @Arbiter
        public void ended(III_Result result) {
            vcpu.complete(T1);
            vcpu.await();
            result.r1 = vcpu.accepted;
            result.r2 = vcpu.refused;
            result.r3 = vcpu.ready;
        }
    }

    /** As {@link AcknowledgeAndCompletion}, without the loop: what it keeps from happening happens. */
    @JCStressTest
    @Outcome(id = "1, (OWNER|GUEST)", expect = ACCEPTABLE, desc = "no harm done this time")
    @Outcome(expect = FORBIDDEN, desc = "nobody told the guest, or both did")
    @State
    public static class Unguarded {
        private final Handed vcpu = new Handed(Runnable::run).park(T1).park(T2).unacknowledged(T1);

        /** The fault plane's thread does it itself. */
        @Actor
        public void complete() {
            vcpu.complete(T2);
        }

        /** The guest's thread does it itself. */
        @Actor
        public void acknowledge() {
            vcpu.acknowledge();
        }

        /** What came of it. */
        @Arbiter
        public void told(IL_Result result) {
            result.r1 = vcpu.ready;
            result.r2 = vcpu.readyBy;
        }
    }
}
