// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import io.faultline.proto.notifier.v1.GuestBatch;
import io.faultline.proto.notifier.v1.HostBatch;
import io.faultline.proto.notifier.v1.NotifyBatch;
import io.faultline.proto.notifier.v1.VerdictBatch;
import io.faultline.proto.vcpu.v1.FaultBatch;
import io.faultline.proto.vcpu.v1.OutcomeBatch;
import io.faultline.rpc.page.IncomingPages;
import io.faultline.rpc.page.OutgoingPages;
import io.faultline.telemetry.LoopHistogram;
import java.util.concurrent.atomic.AtomicLongArray;

/** What travelled on the streams of one kind. Counted by the loop, read by any thread. */
final class StreamMeter {
    private static final int OPEN = 0;
    private static final int MESSAGES = 1;
    private static final int RECORDS = 3;
    private static final int BYTES = 5;
    private static final int CELLS = 7;

    private final AtomicLongArray cells = new AtomicLongArray(CELLS);
    private final LoopHistogram[] batches;

    /** A meter whose batches' sizes go into these, by direction. */
    StreamMeter(LoopHistogram... batches) {
        this.batches = batches.clone();
    }

    /** Which way a message goes. */
    enum Direction {
        /** To this service. */
        IN(0),
        /** From this service. */
        OUT(1);

        private final int offset;

        Direction(int offset) {
            this.offset = offset;
        }
    }

    void opened() {
        add(OPEN, 1);
    }

    void closed() {
        add(OPEN, -1);
    }

    void message(Direction direction, Object batch) {
        int records = recordsOf(batch);
        add(MESSAGES + direction.offset, 1);
        add(RECORDS + direction.offset, records);
        batches[direction.offset].record(records);
    }

    void bytes(Direction direction, long bytes) {
        add(BYTES + direction.offset, bytes);
    }

    long open() {
        return cells.getAcquire(OPEN);
    }

    long messages(Direction direction) {
        return cells.getAcquire(MESSAGES + direction.offset);
    }

    long records(Direction direction) {
        return cells.getAcquire(RECORDS + direction.offset);
    }

    long bytes(Direction direction) {
        return cells.getAcquire(BYTES + direction.offset);
    }

    /* One writer: no read-modify-write is needed, only that readers see whole values. */
    private void add(int cell, long increment) {
        cells.setRelease(cell, cells.getPlain(cell) + increment);
    }

    /** How many records a message of a stream of batches holds. */
    static int recordsOf(Object batch) {
        return switch (batch) {
            case IncomingPages pages -> pages.size();
            case OutgoingPages pages -> pages.size();
            case FaultBatch faults -> faults.getFaultsCount();
            case OutcomeBatch outcomes -> outcomes.getOutcomesCount();
            case NotifyBatch commands -> commands.getCommandsCount();
            case VerdictBatch verdicts -> verdicts.getVerdictsCount();
            case GuestBatch calls -> calls.getCallsCount();
            case HostBatch events -> events.getEventsCount();
            case MalformedMessages.Malformed _ -> 0;
            default -> throw new IllegalArgumentException("batch: " + batch.getClass() + " (expected: a known one)");
        };
    }
}
