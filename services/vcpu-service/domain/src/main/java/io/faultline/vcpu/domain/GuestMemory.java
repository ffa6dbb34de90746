// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.model.FailReason;
import io.faultline.vcpu.domain.Arrival.Kind;
import io.faultline.vcpu.domain.FrameTable.Use;
import io.faultline.vcpu.domain.MemslotTable.Placement;

/**
 * A VM's memory as its vCPUs and the host use it: what is where, and how a page gets into a frame. Owned by the VM's
 * thread.
 */
final class GuestMemory {
    final MemslotTable memslots = new MemslotTable();
    final Stage2Table stage2 = new Stage2Table();
    final FrameTable frames;
    final Arrivals arrivals;
    final WriteOuts writeOuts;
    final SharedCopies copies;
    final Imports imports;
    final Hints hints;
    final WorkingSet workingSet;
    private final Reclaim reclaim;
    private final Effects effects;

    GuestMemory(MachineSpec spec, VirtualMachine machine) {
        effects = machine.effects;
        frames = new FrameTable(spec.residentPagesMax());
        copies = new SharedCopies(effects);
        hints = new Hints(stage2, copies, machine);
        workingSet = new WorkingSet(memslots, hints);
        arrivals = new Arrivals(stage2, frames, copies, machine, hints);
        writeOuts = new WriteOuts(stage2, frames, machine, spec.registeredUnixUs());
        imports = new Imports(this, machine, spec.fetchDeadlineNs());
        reclaim = new Reclaim(stage2, frames, writeOuts, machine.counters());
        spec.memslots().forEach(memslots::add);
    }

    /** The frame of a page in state RESIDENT or WRITING_OUT. */
    int frameOf(int page) {
        return (int) stage2.payload(page);
    }

    /** Notes an access to a resident page; a write makes its copy below obsolete. */
    void touch(int frame, boolean write) {
        frames.raise(frame, FrameTable.ACCESSED);
        if (!write || frames.has(frame, FrameTable.DIRTY)) {
            return;
        }
        frames.raise(frame, FrameTable.DIRTY);
        // With a store under way the version is discarded when that is answered: a hint must not overtake the store.
        if (frames.version(frame) != 0 && !frames.has(frame, FrameTable.STORING)) {
            copies.release(frames.gfn(frame), frames.version(frame));
            frames.setVersion(frame, 0);
        }
    }

    /** Makes a page that is being written out resident again and returns its frame. */
    int takeBack(int page) {
        int frame = frameOf(page);
        writeOuts.takeBack(page, frame);
        return frame;
    }

    /** Whether guests may not write a page, or it has left its memslot. */
    boolean isReadOnly(long gfn) {
        Placement place = memslots.find(gfn);
        return place == null || place.memslot().readOnly();
    }

    /** Whether a frame is there at once for a page that is in none, or reserved already. */
    boolean hasFrameFor(int page) {
        return stage2.state(page) == PageState.ARRIVING
                ? arrivals.of(page).frame != FrameTable.NONE
                : arrivals.hasFrame();
    }

    boolean hasFailedBefore(int page) {
        return stage2.state(page) == PageState.ARRIVING
                ? Stage2Table.hasFailedBefore(arrivals.of(page).origin)
                : stage2.hasFailedBefore(page);
    }

    /** Waits for a page that is in no frame: joins its arrival or starts it. */
    void await(int page, long gfn, Waiter waiter, long nowNs) {
        switch (stage2.state(page)) {
            case ARRIVING -> arrivals.of(page).add(waiter);
            case SWAPPED -> arrivals.begin(Kind.FETCH, page, gfn, waiter, nowNs);
            case ZERO -> arrivals.begin(Kind.ZERO_FILL, page, gfn, waiter, nowNs);
            default -> throw new IllegalStateException("page state: " + stage2.state(page) + " (expected: no frame)");
        }
    }

    /** The host wants a page. */
    void request(HostRequest request, long nowNs) {
        Placement place = memslots.find(request.gfn);
        if (place == null) {
            effects.hostPageFailed(request.requestId, request.gfn, FailReason.NO_MEMSLOT);
            return;
        }
        int page = place.page(request.gfn);
        PageState state = stage2.state(page);
        if (state == PageState.RESIDENT) {
            hostPageReady(request, frameOf(page));
        } else if (state == PageState.WRITING_OUT) {
            hostPageReady(request, takeBack(page));
        } else if (request.access == HostAccess.OVERWRITE && state != PageState.ARRIVING) {
            request.ownsArrival = true;
            arrivals.begin(Kind.OVERWRITE, page, request.gfn, request, nowNs);
        } else if (state == PageState.POISONED) {
            effects.hostPageFailed(request.requestId, request.gfn, poison(page));
        } else {
            await(page, request.gfn, request, nowNs);
        }
    }

    void hostPageReady(HostRequest request, int frame) {
        touch(frame, request.access != HostAccess.READ);
        effects.hostPageReady(request.requestId, request.gfn, frame);
    }

    /** A whole-page write that joined a fetch in vain does not need what it would have brought. */
    void hostPageFailed(HostRequest request, FailReason reason, long nowNs) {
        if (request.access == HostAccess.OVERWRITE && !request.ownsArrival && reason != FailReason.NO_MEMSLOT) {
            request(request, nowNs);
        } else {
            effects.hostPageFailed(request.requestId, request.gfn, reason);
        }
    }

    /** Why a page is poisoned. */
    FailReason poison(int page) {
        return FailReason.of((int) stage2.payload(page));
    }

    /** Reclaims and hands out frames until nothing moves. */
    void balance() {
        reclaim.run();
        while (arrivals.isAnyQueued() && frames.freeCount() > 0) {
            arrivals.giveFrame();
            reclaim.run();
        }
    }

    /** Forgets a memslot with its pages' contents. */
    void remove(Placement place, long nowNs) {
        memslots.remove(place);
        imports.cancel(place.memslot());
        int end = place.endPage();
        for (int page = stage2.nextTouched(place.firstPage(), end);
                page < end;
                page = stage2.nextTouched(page + 1, end)) {
            forget(page, place.gfn(page), nowNs);
        }
    }

    private void forget(int page, long gfn, long nowNs) {
        if (stage2.state(page) == PageState.ARRIVING) {
            Arrival arrival = arrivals.of(page);
            if (Stage2Table.stateOf(arrival.origin) == PageState.SWAPPED) {
                copies.release(gfn, arrival.copy());
            }
            arrivals.cancel(arrival, FailReason.NO_MEMSLOT, nowNs);
            stage2.set(page, PageState.ZERO, 0);
        } else {
            empty(page, gfn);
        }
    }

    /** Forgets what a page holds that is not on its way into a frame: it is ZERO. */
    void empty(int page, long gfn) {
        long entry = stage2.entry(page);
        switch (Stage2Table.stateOf(entry)) {
            case ZERO, POISONED -> {}
            case SWAPPED -> {
                hints.lost(entry);
                copies.release(gfn, Stage2Table.payloadOf(entry));
            }
            case RESIDENT -> forgetResident(frameOf(page));
            case WRITING_OUT -> writeOuts.cancel(frameOf(page));
            case ARRIVING -> throw new IllegalStateException("gfn " + gfn + ": ARRIVING (expected: another state)");
        }
        if (entry != 0) {
            stage2.set(page, PageState.ZERO, 0);
        }
    }

    private void forgetResident(int frame) {
        if (frames.version(frame) != 0) {
            copies.release(frames.gfn(frame), frames.version(frame));
        }
        if (frames.has(frame, FrameTable.STORING)) {
            frames.setUse(frame, Use.ORPHANED, FrameTable.NONE);
        } else {
            frames.release(frame);
        }
    }
}
