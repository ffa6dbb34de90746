// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import org.jspecify.annotations.Nullable;

/**
 * One page on its way into a frame, and everyone who waits for it: one fetch a page, however many wait. Reused by {@link
 * Arrivals}. Owned by the VM's thread.
 */
final class Arrival {
    final int index;
    Kind kind = Kind.FETCH;
    int page;
    long gfn;
    /** The page's entry before. */
    long origin;
    /** The frame reserved for it, or {@link FrameTable#NONE} while it waits for one. */
    int frame = FrameTable.NONE;

    long deadlineNs;
    long retryAtNs;
    long backoffNs;

    @Nullable
    Arrival nextFree;

    private @Nullable Waiter first;
    private @Nullable Waiter last;

    /** What fills the frame. */
    enum Kind {
        /** Zeros. */
        ZERO_FILL,
        /** The tiers below. */
        FETCH,
        /** The host's write of the whole page. */
        OVERWRITE
    }

    Arrival(int index) {
        this.index = index;
    }

    /** The copy to fetch, as {@link SharedCopies} has it. */
    long copy() {
        return Stage2Table.payloadOf(origin);
    }

    /** The first of the faults among its waiters, or {@link Effects#NO_FAULT}. */
    long faultRef() {
        for (Waiter waiter = first; waiter != null; waiter = waiter.next) {
            if (waiter instanceof Fault fault) {
                return fault.ref;
            }
        }
        return Effects.NO_FAULT;
    }

    void add(Waiter waiter) {
        waiter.next = null;
        if (last == null) {
            first = waiter;
        } else {
            last.next = waiter;
        }
        last = waiter;
    }

    /** Takes all waiters out, in the order they came, linked by {@code next}. */
    @Nullable
    Waiter detach() {
        Waiter waiters = first;
        first = null;
        last = null;
        return waiters;
    }
}
