// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A VM's memslots by address, each with the range of dense page indices that stage-2 state is kept under. Owned by the
 * VM's thread.
 */
final class MemslotTable {
    private final List<Placement> byAddress = new ArrayList<>();
    private @Nullable Placement lastHit;

    /**
     * A memslot and where its pages are in the {@link Stage2Table}.
     *
     * @param firstPage the page index of the slot's first page
     */
    record Placement(Memslot memslot, int firstPage) {
        int page(long gfn) {
            return firstPage + (int) (gfn - memslot.baseGfn());
        }

        long gfn(int page) {
            return memslot.baseGfn() + (page - firstPage);
        }

        int endPage() {
            return firstPage + (int) memslot.pages();
        }
    }

    /** The memslot that a frame number lies in, or null. */
    @Nullable
    Placement find(long gfn) {
        Placement hit = lastHit;
        if (hit != null && hit.memslot.contains(gfn)) {
            return hit;
        }
        int low = 0;
        int high = byAddress.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Placement candidate = byAddress.get(middle);
            if (candidate.memslot.contains(gfn)) {
                lastHit = candidate;
                return candidate;
            }
            if (gfn < candidate.memslot.baseGfn()) {
                high = middle - 1;
            } else {
                low = middle + 1;
            }
        }
        return null;
    }

    /** The memslot of a slot number, or null. */
    @Nullable
    Placement ofSlot(int slot) {
        for (Placement placement : byAddress) {
            if (placement.memslot.slot() == slot) {
                return placement;
            }
        }
        return null;
    }

    /**
     * Adds a memslot of at least one page.
     *
     * @throws IllegalArgumentException for one that overlaps another, shares its number, or finds no room
     */
    void add(Memslot memslot) {
        if (memslot.pages() == 0) {
            throw new IllegalArgumentException("pages: 0 (expected: > 0 for memslot " + memslot.slot() + ")");
        }
        for (Placement other : byAddress) {
            if (other.memslot.slot() == memslot.slot()) {
                throw new IllegalArgumentException("slot: " + memslot.slot() + " (expected: each once)");
            }
            if (other.memslot.overlaps(memslot)) {
                throw new IllegalArgumentException("memslot " + memslot.slot() + ": gfns " + memslot.baseGfn() + " to "
                        + (memslot.endGfn() - 1) + " (expected: apart from memslot " + other.memslot.slot() + ")");
            }
        }
        byAddress.add(new Placement(memslot, roomFor(memslot)));
        byAddress.sort(Comparator.comparingLong(placement -> placement.memslot.baseGfn()));
    }

    /** Replaces a memslot by one of the same range. */
    void replace(Placement old, Memslot memslot) {
        byAddress.set(byAddress.indexOf(old), new Placement(memslot, old.firstPage));
        lastHit = null;
    }

    void remove(Placement placement) {
        byAddress.remove(placement);
        lastHit = null;
    }

    /** The memslots, by address. */
    List<Memslot> memslots() {
        return byAddress.stream().map(Placement::memslot).toList();
    }

    /** First fit between the page indices in use, so that memslots may come and go without end. */
    private int roomFor(Memslot memslot) {
        List<Placement> byPage = new ArrayList<>(byAddress);
        byPage.sort(Comparator.comparingInt(Placement::firstPage));
        int room = 0;
        for (Placement other : byPage) {
            if (other.firstPage - room >= memslot.pages()) {
                return room;
            }
            room = other.endPage();
        }
        if (memslot.pages() > MachineSpec.PAGES_MAX - room) {
            throw new IllegalArgumentException("memslot " + memslot.slot() + ": " + memslot.pages()
                    + " pages (expected: at most " + MachineSpec.PAGES_MAX + " in a VM, " + room + " are in use)");
        }
        return room;
    }
}
