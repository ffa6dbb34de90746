// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report.history;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.faultline.loadtest.grpc.FaultOutcome;
import io.faultline.loadtest.replay.ReplayObserver.Fault;
import io.faultline.loadtest.replay.TerminalKind;
import io.faultline.loadtest.report.history.TimelineSample.State;
import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import io.faultline.model.Resolution;
import io.faultline.model.SyncReason;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RunRecorderTest {
    private static final long BEGAN_NS = 77_000_000_000L;
    private static final long MS = 1_000_000;

    private final RunRecorder recorder = new RunRecorder();

    @Test
    void anAsynchronousFaultStopsItsVcpuUntilTheAnswerAndParksItsTaskUntilThePage() {
        recorder.began(2, 4, BEGAN_NS);
        raise(0, 1, 100, 0);
        recorder.wentAsync(0, 100, BEGAN_NS + MS);
        recorder.ended(0, resolved(100), 5 * MS, BEGAN_NS + 5 * MS);
        recorder.finished(BEGAN_NS + 6 * MS);

        assertThat(recorder.nsIn(State.ASKING)).isEqualTo(MS);
        assertThat(recorder.nsIn(State.PARKED)).isEqualTo(4 * MS);
        assertThat(recorder.standingNs()).containsExactly(MS, 0, 0, 0, 0, 0, 0);
        assertThat(recorder.parkedNs()).containsExactly(0, MS, MS, MS, MS, 0, 0);
        assertThat(recorder.outcomes(TerminalKind.RESOLVED_READY)).containsExactly(0, 0, 0, 0, 0, 1, 0);
        assertThat(recorder.timeline())
                .containsExactly(
                        new TimelineSample.Span(0, 0, State.ASKING, 0, MS),
                        new TimelineSample.Span(0, 0, State.PARKED, MS, 5 * MS));
    }

    @Test
    void standingStillForAMissingPageIsToldFromMappingOneThatWasThere() {
        recorder.began(2, 4, BEGAN_NS);
        raise(0, 0, 1, 0);
        recorder.ended(0, mapped(1, SyncReason.AREA_BUSY, PageSource.SWAP_STORE), 3 * MS, BEGAN_NS + 3 * MS);
        raise(1, 1, 2, 3);
        recorder.ended(1, mapped(2, SyncReason.NONE, PageSource.RESIDENT), MS, BEGAN_NS + 4 * MS);

        assertThat(recorder.nsIn(State.STANDING_STILL)).isEqualTo(3 * MS);
        assertThat(recorder.nsIn(State.MAPPING)).isEqualTo(MS);
        assertThat(recorder.nsIn(State.PARKED)).isZero();
    }

    /** A wake-all makes a task touch its page again while the first fault is under way. */
    @Test
    void theEndOfAnEarlierFaultDoesNotEndWhatItsTaskIsAtNow() {
        recorder.began(1, 1, BEGAN_NS);
        raise(0, 0, 1, 0);
        recorder.wentAsync(0, 1, BEGAN_NS + MS);
        raise(0, 0, 1L << 32, 2);
        recorder.wentAsync(0, 1L << 32, BEGAN_NS + 3 * MS);
        recorder.ended(0, resolved(1), 4 * MS, BEGAN_NS + 4 * MS);
        recorder.ended(0, resolved(1L << 32), 6 * MS, BEGAN_NS + 6 * MS);

        assertThat(recorder.nsIn(State.ASKING)).isEqualTo(2 * MS);
        assertThat(recorder.nsIn(State.PARKED)).isEqualTo(4 * MS);
        assertThat(Arrays.stream(recorder.outcomes(TerminalKind.RESOLVED_READY)).sum())
                .isEqualTo(2);
    }

    @Test
    void atTheEndOfAStretchAParkedTaskIsShownAndAStandstillWhoseOutcomeIsNotKnownIsNot() {
        recorder.began(3, 3, BEGAN_NS);
        raise(0, 0, 1, 0);
        recorder.wentAsync(0, 1, BEGAN_NS + MS);
        raise(1, 1, 2, 1);
        recorder.finished(BEGAN_NS + 3 * MS);

        assertThat(recorder.timeline())
                .containsExactly(
                        new TimelineSample.Span(0, 0, State.ASKING, 0, MS),
                        new TimelineSample.Span(0, 0, State.PARKED, MS, 3 * MS));
    }

    @Test
    void pagesAreCountedOnceInAnInterval() {
        recorder.began(1, 3, BEGAN_NS);
        for (int i = 0; i < 6; i++) {
            raise(0, i % 3, i, 0);
            recorder.ended(0, mapped(i, SyncReason.NONE, PageSource.RESIDENT), 1, BEGAN_NS);
        }

        assertThat(json().getAsJsonObject("working_set").getAsJsonArray("pages").toString())
                .isEqualTo("[3]");
    }

    @Test
    void whatIsKeptDoesNotGrowWithTheRun() {
        recorder.began(64, 8, BEGAN_NS);
        int sizeOfShort = run(0, 20_000);
        int sizeOfLong = run(20_000, 400_000);

        assertThat(sizeOfLong).isLessThan(sizeOfShort * 2);
        JsonArray spans = json().getAsJsonObject("timeline").getAsJsonArray("spans_us");
        assertThat(spans.size())
                .isBetween(TimelineSample.SPANS_MAX, TimelineSample.SPANS_MAX + TimelineSample.TASKS_MAX);
        double endS = 400_000 * 20.0 / 1e3 / 2;
        assertThat(spans.get(0).getAsJsonArray().get(3).getAsDouble() / 1e6)
                .as("where the stretch begins, in a run of %s s", endS)
                .isBetween(endS / 4, endS);
    }

    /** Faults of 64 tasks, 10 ms each; how long the JSON text is then. */
    private int run(int from, int to) {
        for (int i = from; i < to; i++) {
            long nowMs = 10L * i;
            raise(i % 64, i % 8, i, nowMs);
            recorder.wentAsync(i % 64, i, BEGAN_NS + (nowMs + 1) * MS);
            recorder.ended(i % 64, resolved(i), 9 * MS, BEGAN_NS + (nowMs + 9) * MS);
        }
        return json().toString().length();
    }

    @Test
    void everyFaultIsInOneBucketOfItsLatencies() {
        recorder.began(1, 1, BEGAN_NS);
        for (int i = 0; i < 1_000; i++) {
            raise(0, 0, i, i);
            recorder.ended(0, mapped(i, SyncReason.NONE, PageSource.RESIDENT), 997L * i * i, BEGAN_NS + i * MS);
        }

        JsonArray latencies = json().getAsJsonArray("latencies");
        assertThat(latencies).hasSize(2);
        for (var latency : latencies) {
            long counted = 0;
            double lastUs = 0;
            for (var bucket : latency.getAsJsonObject().getAsJsonArray("buckets")) {
                double us = bucket.getAsJsonArray().get(0).getAsDouble();
                assertThat(us).isGreaterThan(lastUs);
                lastUs = us;
                counted += bucket.getAsJsonArray().get(1).getAsLong();
            }
            assertThat(counted).isEqualTo(1_000);
        }
    }

    private JsonObject json() {
        return HistoryJson.of(recorder);
    }

    private void raise(int task, int page, long sequence, long atMs) {
        recorder.raised(new Fault(0, task, page, sequence), BEGAN_NS + atMs * MS);
    }

    private static FaultOutcome resolved(long sequence) {
        return new FaultOutcome(
                sequence,
                FaultOutcome.Kind.RESOLVED,
                1,
                PageSource.SWAP_STORE,
                SyncReason.NONE,
                Resolution.READY,
                FailReason.NONE,
                ByteBuffer.allocate(0),
                "");
    }

    private static FaultOutcome mapped(long sequence, SyncReason reason, PageSource source) {
        return new FaultOutcome(
                sequence,
                FaultOutcome.Kind.MAPPED,
                0,
                source,
                reason,
                Resolution.NONE,
                FailReason.NONE,
                ByteBuffer.allocate(0),
                "");
    }
}
