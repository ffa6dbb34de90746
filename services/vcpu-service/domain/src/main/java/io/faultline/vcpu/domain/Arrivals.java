// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import io.faultline.vcpu.domain.Arrival.Kind;
import io.faultline.vcpu.domain.FrameTable.Use;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A VM's pages on their way in: frames reserved, fetches, retries, deadlines. Owned by the VM's thread. */
/*
 * An arrival first needs a frame. While none is free it queues, first come first served; the write-outs' reclaim frees
 * some. With its frame it is filled at once (zeros, the host's bytes) or fetched. A fetch answered "unavailable" keeps
 * its frame and is repeated with doubling pauses. Whatever happens, an arrival ends by its deadline or by an answer, and
 * its waiters are told one by one after the page's state is final, so that none of them sees it half done.
 */
final class Arrivals {
    static final long BACKOFF_MIN_NS = 1_000_000;
    static final long BACKOFF_MAX_NS = 100_000_000;

    private final Stage2Table stage2;
    private final FrameTable frames;
    private final SharedCopies copies;
    private final Effects effects;
    private final Counters counters;
    private final Hints hints;
    private final long deadlineNs;

    private final List<Arrival> pool = new ArrayList<>();
    private @Nullable Arrival freeList;
    private final ArrayDeque<Arrival> frameQueue = new ArrayDeque<>();
    private final List<Arrival> retrying = new ArrayList<>();

    Arrivals(Stage2Table stage2, FrameTable frames, SharedCopies copies, VirtualMachine machine, Hints hints) {
        this.stage2 = stage2;
        this.frames = frames;
        this.copies = copies;
        this.effects = machine.effects;
        this.counters = machine.counters();
        this.hints = hints;
        this.deadlineNs = machine.spec().fetchDeadlineNs();
    }

    /** Whether a new arrival would get its frame at once. */
    boolean hasFrame() {
        return frames.freeCount() > 0 && frameQueue.isEmpty();
    }

    int queued() {
        return frameQueue.size();
    }

    boolean isAnyQueued() {
        return !frameQueue.isEmpty();
    }

    /** The arrival of a page in state ARRIVING. */
    Arrival of(int page) {
        return pool.get((int) stage2.payload(page));
    }

    /** Brings in a page that is in no frame, for its first waiter. */
    void begin(Kind kind, int page, long gfn, Waiter waiter, long nowNs) {
        Arrival arrival = take();
        arrival.kind = kind;
        arrival.page = page;
        arrival.gfn = gfn;
        arrival.origin = stage2.entry(page);
        arrival.frame = FrameTable.NONE;
        arrival.deadlineNs = nowNs + deadlineNs;
        arrival.backoffNs = BACKOFF_MIN_NS;
        arrival.add(waiter);
        stage2.set(page, PageState.ARRIVING, arrival.index);
        boolean atOnce = hasFrame();
        frameQueue.add(arrival);
        if (atOnce) {
            giveFrame();
        }
    }

    /** Gives a free frame to the arrival that has waited longest. */
    void giveFrame() {
        Arrival arrival = frameQueue.remove();
        arrival.frame = frames.take(Use.ARRIVING, arrival.index, arrival.gfn);
        switch (arrival.kind) {
            case ZERO_FILL -> {
                effects.zero(arrival.frame);
                finish(arrival, PageSource.ZERO_FILL);
            }
            case FETCH -> fetch(arrival);
            case OVERWRITE -> finish(arrival, PageSource.RESIDENT);
        }
    }

    /** The page's bytes are in the frame. */
    void fetched(int frame, PageSource source) {
        frames.answered(frame, FrameTable.FETCHING);
        if (!releaseOrphan(frame)) {
            finish(pool.get(frames.owner(frame)), source);
        }
    }

    /** The page is lost. */
    void failed(int frame, FailReason reason, long nowNs) {
        frames.answered(frame, FrameTable.FETCHING);
        if (!releaseOrphan(frame)) {
            Arrival arrival = pool.get(frames.owner(frame));
            if (SharedCopies.isShared(arrival.copy())) {
                copies.release(arrival.gfn, arrival.copy());
            }
            stage2.set(arrival.page, PageState.POISONED, reason.code());
            abandon(arrival, reason, nowNs);
        }
    }

    /** The tiers cannot be asked just now. */
    void unavailable(int frame, long nowNs) {
        frames.answered(frame, FrameTable.FETCHING);
        if (releaseOrphan(frame)) {
            return;
        }
        Arrival arrival = pool.get(frames.owner(frame));
        if (nowNs >= arrival.deadlineNs) {
            expire(arrival, nowNs);
            return;
        }
        arrival.retryAtNs = nowNs + arrival.backoffNs;
        arrival.backoffNs = Math.min(2 * arrival.backoffNs, BACKOFF_MAX_NS);
        retrying.add(arrival);
    }

    /** Repeats the fetches whose pause is over; ends the arrivals whose deadline has passed. */
    void tick(long nowNs) {
        for (int i = retrying.size() - 1; i >= 0; i--) {
            Arrival arrival = retrying.get(i);
            if (nowNs >= arrival.deadlineNs) {
                retrying.remove(i);
                expire(arrival, nowNs);
            } else if (nowNs >= arrival.retryAtNs) {
                retrying.remove(i);
                fetch(arrival);
            }
        }
        Arrival head = frameQueue.peek();
        while (head != null && nowNs >= head.deadlineNs) {
            frameQueue.remove();
            expire(head, nowNs);
            head = frameQueue.peek();
        }
    }

    /** The page's memslot is gone: nobody gets it. The caller sets the page's entry. */
    void cancel(Arrival arrival, FailReason reason, long nowNs) {
        retrying.remove(arrival);
        frameQueue.remove(arrival);
        abandon(arrival, reason, nowNs);
    }

    /** The VM is gone: takes out all waiters of all arrivals, telling the hosts among them. */
    void close() {
        for (Arrival arrival : pool) {
            for (Waiter waiter = arrival.detach(); waiter != null; waiter = waiter.next) {
                if (waiter instanceof HostRequest host) {
                    effects.hostPageFailed(host.requestId, host.gfn, FailReason.VM_GONE);
                }
            }
        }
        retrying.clear();
        frameQueue.clear();
    }

    private void fetch(Arrival arrival) {
        frames.raise(arrival.frame, FrameTable.FETCHING);
        counters.fetches++;
        long copy = arrival.copy();
        effects.fetch(
                arrival.frame,
                copies.gfn(arrival.gfn, copy),
                copies.version(copy),
                stage2.crc(arrival.page),
                arrival.faultRef());
    }

    private void finish(Arrival arrival, PageSource source) {
        int frame = arrival.frame;
        frames.setUse(frame, Use.RESIDENT, arrival.page);
        frames.raise(frame, FrameTable.ACCESSED);
        stage2.set(arrival.page, PageState.RESIDENT, frame);
        hints.arrived(arrival.origin, arrival.kind == Kind.FETCH, source);
        if (arrival.kind == Kind.FETCH) {
            frames.setVersion(frame, arrival.copy());
        } else if (Stage2Table.stateOf(arrival.origin) == PageState.SWAPPED) {
            copies.release(arrival.gfn, arrival.copy());
        }
        Waiter waiter = arrival.detach();
        release(arrival);
        while (waiter != null) {
            Waiter next = waiter.next;
            waiter.next = null;
            waiter.arrived(frame, source);
            waiter = next;
        }
    }

    private void expire(Arrival arrival, long nowNs) {
        stage2.restore(arrival.page, Stage2Table.unhinted(arrival.origin));
        if (arrival.kind == Kind.FETCH) {
            stage2.markFailed(arrival.page);
        }
        abandon(arrival, FailReason.PAGE_UNAVAILABLE, nowNs);
    }

    private void abandon(Arrival arrival, FailReason reason, long nowNs) {
        hints.lost(arrival.origin);
        if (arrival.frame != FrameTable.NONE) {
            if (frames.has(arrival.frame, FrameTable.FETCHING)) {
                frames.setUse(arrival.frame, Use.ORPHANED, FrameTable.NONE);
            } else {
                frames.release(arrival.frame);
            }
        }
        Waiter waiter = arrival.detach();
        release(arrival);
        while (waiter != null) {
            Waiter next = waiter.next;
            waiter.next = null;
            waiter.failed(reason, nowNs);
            waiter = next;
        }
    }

    private boolean releaseOrphan(int frame) {
        if (frames.use(frame) != Use.ORPHANED) {
            return false;
        }
        frames.release(frame);
        return true;
    }

    private Arrival take() {
        Arrival arrival = freeList;
        if (arrival == null) {
            arrival = new Arrival(pool.size());
            pool.add(arrival);
        } else {
            freeList = arrival.nextFree;
            arrival.nextFree = null;
        }
        return arrival;
    }

    private void release(Arrival arrival) {
        arrival.nextFree = freeList;
        freeList = arrival;
    }
}
