// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

/**
 * A range of guest physical memory. Immutable.
 *
 * @param slot the slot's number, 0 to {@link #SLOT_MAX}, unique in its VM
 * @param baseGfn the first guest frame number, at least 0
 * @param pages the number of pages; 0 only to delete the slot
 * @param readOnly whether guests may not write
 */
public record Memslot(int slot, long baseGfn, long pages, boolean readOnly) {
    /** The largest slot number. */
    public static final int SLOT_MAX = 511;
    /** Guest frame numbers are below this: 52-bit addresses in pages of 4 KiB. */
    public static final long GFN_LIMIT = 1L << 40;

    /**
     * Checks each component.
     *
     * @throws IllegalArgumentException for one that is out of range
     */
    public Memslot {
        if (slot < 0 || slot > SLOT_MAX) {
            throw new IllegalArgumentException("slot: " + slot + " (expected: 0 to " + SLOT_MAX + ")");
        }
        if (baseGfn < 0 || baseGfn >= GFN_LIMIT) {
            throw new IllegalArgumentException("baseGfn: " + baseGfn + " (expected: 0 to " + (GFN_LIMIT - 1) + ")");
        }
        if (pages < 0 || pages > GFN_LIMIT - baseGfn) {
            throw new IllegalArgumentException("pages: " + pages + " (expected: 0 to " + (GFN_LIMIT - baseGfn) + ")");
        }
    }

    /** The first guest frame number behind the slot. */
    public long endGfn() {
        return baseGfn + pages;
    }

    /** Whether a guest frame number lies in the slot. */
    public boolean contains(long gfn) {
        return gfn >= baseGfn && gfn < endGfn();
    }

    boolean overlaps(Memslot other) {
        return baseGfn < other.endGfn() && other.baseGfn < endGfn();
    }
}
