// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.vcpu.domain.FrameTable.Use;

/** A VM's pages on their way out, from a drawn version to the tiers' answer. Owned by the VM's thread. */
/*
 * A dirty page that is chosen to go gets a new version, and its frame is WRITING_OUT until the answer. Meanwhile it can
 * be taken back: it is RESIDENT again, with the store still under way. If it was not written since, the answer makes the
 * stored version its clean copy; if it was, that version is obsolete as it arrives and is discarded. While a store is
 * under way the frame is not chosen again, so there is at most one store a frame and its answer needs no other name.
 *
 * A store answered "unavailable" loses nothing: the frame waits, and write-outs pause with doubling intervals for the
 * whole VM, since what is unavailable is the tier and not the page.
 */
final class WriteOuts {
    static final long BACKOFF_MIN_NS = 1_000_000;
    static final long BACKOFF_MAX_NS = 200_000_000;

    private final Stage2Table stage2;
    private final FrameTable frames;
    private final VirtualMachine machine;
    private final Effects effects;
    private final Counters counters;
    private long nextVersion;
    private int retries;
    private boolean paused;
    private long pausedUntilNs;
    private long backoffNs = BACKOFF_MIN_NS;

    WriteOuts(Stage2Table stage2, FrameTable frames, VirtualMachine machine, long firstVersion) {
        this.stage2 = stage2;
        this.frames = frames;
        this.machine = machine;
        this.effects = machine.effects;
        this.counters = machine.counters();
        this.nextVersion = firstVersion;
    }

    /** Whether the tiers were unavailable a moment ago, so that dirty pages had better stay. */
    boolean isPaused() {
        return paused;
    }

    /** A version that no page of this VM has had. */
    long nextVersion() {
        return nextVersion++;
    }

    /** Starts to write out a resident dirty page that no store is under way for. */
    void begin(int frame) {
        int page = frames.owner(frame);
        frames.setUse(frame, Use.WRITING_OUT, page);
        frames.setVersion(frame, nextVersion());
        stage2.set(page, PageState.WRITING_OUT, frame);
        store(frame);
    }

    /** Makes a page that is being written out resident again. */
    void takeBack(int page, int frame) {
        frames.setUse(frame, Use.RESIDENT, page);
        stage2.set(page, PageState.RESIDENT, frame);
        counters.pagesTakenBack++;
        if (frames.has(frame, FrameTable.STORE_RETRY)) {
            forgetRetry(frame);
            keepAsDirty(frame);
        }
    }

    void stored(int frame, int crc) {
        frames.answered(frame, FrameTable.STORING);
        backoffNs = BACKOFF_MIN_NS;
        if (frames.use(frame) == Use.ORPHANED) {
            frames.release(frame);
            return;
        }
        machine.writtenOut(frames.gfn(frame));
        int page = frames.owner(frame);
        if (frames.use(frame) == Use.WRITING_OUT) {
            stage2.setCrc(page, crc);
            stage2.set(page, PageState.SWAPPED, frames.version(frame));
            frames.release(frame);
        } else if (frames.has(frame, FrameTable.DIRTY)) {
            discardVersion(frame);
        } else {
            stage2.setCrc(page, crc);
        }
    }

    void storedZero(int frame) {
        frames.answered(frame, FrameTable.STORING);
        switch (frames.use(frame)) {
            case ORPHANED -> frames.release(frame);
            case WRITING_OUT -> {
                counters.pagesFoundZero++;
                stage2.set(frames.owner(frame), PageState.ZERO, 0);
                frames.release(frame);
            }
            default -> {
                counters.pagesFoundZero++;
                frames.setVersion(frame, 0);
            }
        }
    }

    void unavailable(int frame, long nowNs) {
        frames.answered(frame, FrameTable.STORING);
        pause(nowNs);
        switch (frames.use(frame)) {
            case ORPHANED -> frames.release(frame);
            case WRITING_OUT -> {
                frames.raise(frame, FrameTable.STORE_RETRY);
                retries++;
            }
            default -> keepAsDirty(frame);
        }
    }

    /** Ends the pause when it is over and repeats what it held up. */
    void tick(long nowNs) {
        if (!paused || nowNs < pausedUntilNs) {
            return;
        }
        paused = false;
        for (int frame = 0; retries > 0 && frame < frames.size(); frame++) {
            if (frames.has(frame, FrameTable.STORE_RETRY)) {
                forgetRetry(frame);
                store(frame);
            }
        }
    }

    /** The memslot of a page that is being written out is gone. */
    void cancel(int frame) {
        effects.discard(frames.gfn(frame), frames.version(frame));
        if (frames.has(frame, FrameTable.STORE_RETRY)) {
            forgetRetry(frame);
            frames.release(frame);
        } else {
            frames.setUse(frame, Use.ORPHANED, FrameTable.NONE);
        }
    }

    private void store(int frame) {
        frames.lower(frame, FrameTable.DIRTY);
        frames.raise(frame, FrameTable.STORING);
        effects.writeOut(frame, frames.gfn(frame), frames.version(frame));
    }

    private void forgetRetry(int frame) {
        frames.lower(frame, FrameTable.STORE_RETRY);
        retries--;
    }

    private void keepAsDirty(int frame) {
        frames.raise(frame, FrameTable.DIRTY);
        discardVersion(frame);
    }

    private void discardVersion(int frame) {
        effects.discard(frames.gfn(frame), frames.version(frame));
        frames.setVersion(frame, 0);
    }

    private void pause(long nowNs) {
        if (!paused) {
            paused = true;
            pausedUntilNs = nowNs + backoffNs;
            backoffNs = Math.min(2 * backoffNs, BACKOFF_MAX_NS);
        }
    }
}
