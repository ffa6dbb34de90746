// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.vcpu.domain.MemslotTable.Placement;
import io.faultline.vcpu.domain.prefetch.HintSource;
import io.faultline.vcpu.domain.prefetch.WorkingSetBudget;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The pages that a VM's guest touches, in the order of the first touches, and the hints that tell the tiers of those that it
 * touched in its last life. Owned by the VM's thread.
 */
/*
 * The hints begin with the guest's first miss, since before it runs its pages may still be on their way into the tiers. From
 * then on they go once through the list, as the budget lets them, past pages that are not in the tiers: the guest has them
 * already, or they are zeros, or nobody brought them, or their memslot is not of this life.
 *
 * A touch is looked up in an open-addressed table of indexes into the list, at most half full. It is as large as what was
 * touched, wherever that lies: a bit for each page would take what the guest's highest address says.
 */
final class WorkingSet {
    /** Pages that are remembered, the first to be touched: 256 MiB of pages of 4 KiB. */
    static final int PAGES_MAX = 65_536;

    private static final int PAGES_AT_FIRST = 256;
    /** The golden ratio's, which spreads neighbours. */
    private static final long HASH_FACTOR = 0x9E37_79B9_7F4A_7C15L;

    private final MemslotTable memslots;
    private final Hints hints;
    private @Nullable WorkingSetBudget budget;

    private long[] gfns = {};
    private int size;
    private boolean isFull;
    /** Where in the list a gfn is, plus 1; 0 for a free place. */
    private int[] table = {};

    private long[] expected = {};
    private int next;
    private boolean hasBegun;

    WorkingSet(MemslotTable memslots, Hints hints) {
        this.memslots = memslots;
        this.hints = hints;
    }

    /** From now on touches are remembered, within a budget. */
    void remember(WorkingSetBudget within) {
        budget = within;
    }

    /** What the guest is expected to touch; hinted at from its first miss on. */
    void expect(long[] touchedBefore) {
        WorkingSetBudget within = budget;
        if (within == null) {
            throw new IllegalStateException("a working set (expected: none before remember)");
        }
        forgetExpected(within);
        expected = Arrays.copyOf(touchedBefore, within.claim(Math.min(touchedBefore.length, PAGES_MAX)));
    }

    /** What the guest touched, first touch first. */
    long[] gfns() {
        return Arrays.copyOf(gfns, size);
    }

    int size() {
        return size;
    }

    /** Whether hints are being given, as time passes. */
    boolean isHinting() {
        return hasBegun;
    }

    /** A guest's access to a page of a memslot. */
    void touched(long gfn) {
        if (budget != null && !isFull && !isKnown(gfn)) {
            isFull = size == PAGES_MAX || budget.claim(1) == 0;
            if (!isFull) {
                add(gfn);
            }
        }
    }

    /** The guest missed a page. */
    void missed(long nowNs) {
        if (!hasBegun && expected.length > 0) {
            hasBegun = true;
            tick(nowNs);
        }
    }

    /** Time passed: gives the hints that are due. */
    void tick(long nowNs) {
        WorkingSetBudget within = budget;
        if (!hasBegun || within == null) {
            return;
        }
        while (next < expected.length && within.isDue(nowNs)) {
            long gfn = expected[next];
            Placement place = memslots.find(gfn);
            if (place != null && !hints.offer(place.page(gfn), gfn, HintSource.WORKING_SET)) {
                return;
            }
            next++;
            within.pay();
        }
        if (next == expected.length) {
            forgetExpected(within);
        }
    }

    /** The VM has ended: others may remember as much. */
    void close() {
        WorkingSetBudget within = budget;
        if (within != null) {
            forgetExpected(within);
            within.release(size);
            budget = null;
        }
    }

    private void forgetExpected(WorkingSetBudget within) {
        within.release(expected.length);
        expected = new long[0];
        next = 0;
        hasBegun = false;
    }

    private boolean isKnown(long gfn) {
        if (table.length == 0) {
            return false;
        }
        return table[placeOf(gfn)] != 0;
    }

    private void add(long gfn) {
        if (size == gfns.length) {
            grow();
        }
        gfns[size++] = gfn;
        table[placeOf(gfn)] = size;
    }

    private void grow() {
        gfns = Arrays.copyOf(gfns, Math.max(PAGES_AT_FIRST, 2 * size));
        table = new int[2 * gfns.length];
        for (int i = 0; i < size; i++) {
            table[placeOf(gfns[i])] = i + 1;
        }
    }

    /** Where a gfn is in the table, or would be. */
    private int placeOf(long gfn) {
        int mask = table.length - 1;
        int place = (int) ((gfn * HASH_FACTOR) >>> Integer.SIZE) & mask;
        while (table[place] != 0 && gfns[table[place] - 1] != gfn) {
            place = (place + 1) & mask;
        }
        return place;
    }
}
