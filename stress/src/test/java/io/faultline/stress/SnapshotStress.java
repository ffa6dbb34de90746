// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.faultline.rpc.LoopSnapshot;
import io.faultline.telemetry.HistogramFamily;
import io.faultline.telemetry.LoopHistogram;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** What meters read on their own thread while the loop writes it. */
public final class SnapshotStress {
    private SnapshotStress() {}

    /** A snapshot is seen whole: whatever the loop wrote into it before it was shown. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "the one before")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "the one that was taken")
    @Outcome(expect = FORBIDDEN, desc = "a snapshot that is not whole")
    @State
    public static class Whole {
        private final LoopSnapshot<Counts> snapshot = new LoopSnapshot<>(Handed.LOOP, Counts::taken, new Counts());

        /** The loop. */
        @Actor
        public void take() {
            snapshot.stop();
        }

        /** The meters. */
        @Actor
        public void read(II_Result result) {
            Counts latest = snapshot.latest();
            result.r1 = latest.first;
            result.r2 = latest.second;
        }
    }

    private static final class Counts {
        private int first;
        private int second;

        static Counts taken() {
            Counts counts = new Counts();
            counts.first = 1;
            counts.second = 1;
            return counts;
        }
    }

    /** A histogram's count never goes back. */
    @JCStressTest
    @Outcome(id = "0, [012]", expect = ACCEPTABLE, desc = "nothing was recorded at first")
    @Outcome(id = "1, [12]", expect = ACCEPTABLE, desc = "one was")
    @Outcome(id = "2, 2", expect = ACCEPTABLE, desc = "both were")
    @Outcome(expect = FORBIDDEN, desc = "a count that goes back")
    @State
    public static class Growing {
        private final LoopHistogram histogram =
                HistogramFamily.ofDurations("stress", "for this test").with();

        /** The loop. */
        @Actor
        public void record() {
            histogram.record(1);
            histogram.record(1_000_000);
        }

        /** The meters. */
        @Actor
        public void read(JJ_Result result) {
            result.r1 = histogram.count();
            result.r2 = histogram.count();
        }
    }
}
