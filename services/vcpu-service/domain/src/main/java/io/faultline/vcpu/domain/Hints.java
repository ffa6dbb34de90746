// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.model.PageSource;
import io.faultline.vcpu.domain.prefetch.HintSource;

/**
 * A VM's pages that the tiers were told may be wanted soon, and what came of each: it was there in time, late, or never
 * wanted. Owned by the VM's thread.
 */
/*
 * A hinted page is marked in its stage-2 entry, which a fault reads anyway; a mark goes with the state that it was set in,
 * so it never speaks of another content. The ring remembers the latest hints of streams only to let them expire: when a
 * slot is used again and its page is marked, the page was not wanted, and may be hinted anew. A hint of the working set
 * lasts: what was touched in the VM's last life may be touched late in this one. Each mark that is set is counted once when
 * it goes: issued = timely + late + unused + open.
 */
final class Hints {
    /** Hints that are remembered; the oldest expires for a new one. */
    static final int OPEN_MAX = 1_024;

    private final Stage2Table stage2;
    private final SharedCopies copies;
    private final Effects effects;
    private final Counters counters;
    private final int[] pages = new int[OPEN_MAX];
    private int next;
    private boolean hasGoneRound;

    Hints(Stage2Table stage2, SharedCopies copies, VirtualMachine machine) {
        this.stage2 = stage2;
        this.copies = copies;
        this.effects = machine.effects;
        this.counters = machine.counters();
    }

    /** Hints a page if it is in the tiers and not hinted yet; false if hints are not taken just now. */
    boolean offer(int page, long gfn, HintSource by) {
        long entry = stage2.entry(page);
        if (Stage2Table.stateOf(entry) != PageState.SWAPPED || Stage2Table.isHinted(entry)) {
            return true;
        }
        long copy = Stage2Table.payloadOf(entry);
        if (!effects.prefetch(copies.gfn(gfn, copy), copies.version(copy))) {
            counters.prefetches(by).countRefused();
            return false;
        }
        if (by == HintSource.TREND) {
            remember(page);
        }
        stage2.markHinted(page, by);
        counters.prefetches(by).countIssued();
        return true;
    }

    private void remember(int page) {
        if (hasGoneRound) {
            expire(pages[next]);
        }
        pages[next] = page;
        next = (next + 1) % OPEN_MAX;
        hasGoneRound |= next == 0;
    }

    /** A page is in its frame, from an entry that may have been marked; whether its bytes were wanted. */
    void arrived(long origin, boolean wanted, PageSource source) {
        if (!wanted) {
            lost(origin);
        } else if (Stage2Table.isHinted(origin)) {
            counters.prefetches(Stage2Table.hintedBy(origin)).countWanted(source == PageSource.SWAP_STORE);
        }
    }

    /** A page of an entry that may have been marked is gone, or does not come. */
    void lost(long origin) {
        if (Stage2Table.isHinted(origin)) {
            counters.prefetches(Stage2Table.hintedBy(origin)).countUnused();
        }
    }

    /** The VM ends: nothing that was hinted is wanted any more. */
    void close() {
        for (HintSource by : HintSource.values()) {
            counters.prefetches(by).close();
        }
    }

    private void expire(int page) {
        long entry = stage2.entry(page);
        if (Stage2Table.stateOf(entry) == PageState.SWAPPED
                && Stage2Table.isHinted(entry)
                && Stage2Table.hintedBy(entry) == HintSource.TREND) {
            stage2.restore(page, Stage2Table.unhinted(entry));
            lost(entry);
        }
    }
}
