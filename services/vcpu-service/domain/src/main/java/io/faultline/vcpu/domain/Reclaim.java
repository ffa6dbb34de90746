// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.vcpu.domain.FrameTable.Use;

/**
 * Keeps some frames free ahead of demand, by second chance. Owned by the VM's thread.
 */
/*
 * A hand walks the frames in a circle. A page that was accessed since the hand last came by loses the mark and stays;
 * one that was not goes: clean with a valid copy below, or clean and zero, at once and without a write; dirty by a
 * write-out. It starts when fewer frames than the low watermark are free or about to be, and stops at the high one.
 * Two full circles reach every page that may go. If they do not suffice (everything is in flight, pinned, or dirty with
 * the tiers unavailable), there is no next attempt before one of these changes, so that an outage does not cost a full
 * walk for each fault.
 */
final class Reclaim {
    private static final int LOW_SHIFT = 5;
    private static final int LOW_MAX = 4_096;

    private final Stage2Table stage2;
    private final FrameTable frames;
    private final WriteOuts writeOuts;
    private final Counters counters;
    private final int lowWatermark;
    private final int highWatermark;
    private int hand;
    private boolean barren;
    private long releasesWhenBarren;
    private boolean pausedWhenBarren;

    Reclaim(Stage2Table stage2, FrameTable frames, WriteOuts writeOuts, Counters counters) {
        this.stage2 = stage2;
        this.frames = frames;
        this.writeOuts = writeOuts;
        this.counters = counters;
        this.lowWatermark = Math.min(frames.size() >> LOW_SHIFT, LOW_MAX);
        this.highWatermark = 2 * lowWatermark;
    }

    /** Frees frames, or starts to, if too few are free. */
    void run() {
        if (freeSoon() >= lowWatermark || isStillBarren()) {
            return;
        }
        int steps = 2 * frames.size();
        while (freeSoon() < highWatermark && steps > 0) {
            visit(hand);
            hand = hand + 1 == frames.size() ? 0 : hand + 1;
            steps--;
        }
        barren = steps == 0;
        releasesWhenBarren = frames.releases();
        pausedWhenBarren = writeOuts.isPaused();
    }

    private boolean isStillBarren() {
        return barren && releasesWhenBarren == frames.releases() && pausedWhenBarren == writeOuts.isPaused();
    }

    /** While write-outs pause, the frames they hold are not about to be free. */
    private int freeSoon() {
        return frames.freeCount() + (writeOuts.isPaused() ? 0 : frames.count(Use.WRITING_OUT));
    }

    private void visit(int frame) {
        if (frames.use(frame) != Use.RESIDENT || frames.isPinned(frame) || frames.has(frame, FrameTable.STORING)) {
            return;
        }
        if (frames.has(frame, FrameTable.ACCESSED)) {
            frames.lower(frame, FrameTable.ACCESSED);
        } else if (!frames.has(frame, FrameTable.DIRTY)) {
            dropClean(frame);
        } else if (!writeOuts.isPaused()) {
            writeOuts.begin(frame);
        }
    }

    private void dropClean(int frame) {
        long version = frames.version(frame);
        if (version == 0) {
            stage2.set(frames.owner(frame), PageState.ZERO, 0);
        } else {
            stage2.set(frames.owner(frame), PageState.SWAPPED, version);
        }
        frames.release(frame);
        counters.pagesDroppedClean++;
    }
}
