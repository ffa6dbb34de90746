// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import io.faultline.pager.domain.eviction.PageIdentity;

/**
 * What each cell holds, and an index from a page's name (vm, gfn, version) to its cell. Owned by the pager's thread.
 */
final class PageTable {
    /*
     * All in primitive arrays, a row a 4 KiB unit: 24 bytes of name, 4 of checksum, 4 of pins, 4 of flight, 1 of flags,
     * and 6 to 12 of index. With the default eviction policy (9 to 13) and the allocator (1) that stays below 64 bytes a
     * page.
     *
     * The index is open-addressed with linear probing, at most two thirds full; an entry is a cell + 1, 0 is empty.
     * Removal moves later entries of the run back, so there are no tombstones and misses stay short.
     */
    static final int NONE = -1;

    /** The cell's bytes are being read from the swap store. */
    static final int LOADING = 1;
    /** The cell's bytes have just come in, and are not checked yet. */
    static final int FILLING = 2;
    /** The cell holds a page that the swap store does not have yet. */
    static final int STORING = 3;
    /** The cell holds a page that the swap store has too. */
    static final int RESIDENT = 4;

    private static final int STATE_MASK = 7;
    private static final int INDEXED = 1 << 3;
    private static final int ZERO = 1 << 4;
    private static final int PREFETCHED = 1 << 5;
    private static final int COUNTED = 1 << 6;

    private static final int NAME_WORDS = 3;

    private final long[] names;
    private final int[] checksums;
    private final int[] pins;
    private final int[] flights;
    private final byte[] flags;

    private final int[] index;
    private final int indexMask;
    private int indexed;

    PageTable(int units) {
        names = new long[Math.multiplyExact(units, NAME_WORDS)];
        checksums = new int[units];
        pins = new int[units];
        flights = new int[units];
        flags = new byte[units];
        int entries = Integer.highestOneBit(Math.max(8, units + units / 2 - 1)) << 1;
        index = new int[entries];
        indexMask = entries - 1;
    }

    /** The pages that can be found by name. */
    int indexed() {
        return indexed;
    }

    /** Starts a cell's life: named, not to be found by name yet, unpinned. */
    void begin(int cell, int state, long vmId, long gfn, long version) {
        names[cell * NAME_WORDS] = vmId;
        names[cell * NAME_WORDS + 1] = gfn;
        names[cell * NAME_WORDS + 2] = version;
        checksums[cell] = 0;
        pins[cell] = 0;
        flights[cell] = NONE;
        flags[cell] = (byte) state;
    }

    /** The cell of a page; {@link #NONE} if it has none. */
    int find(long vmId, long gfn, long version) {
        int at = home(vmId, gfn, version);
        int entry;
        while ((entry = index[at]) != 0) {
            int name = (entry - 1) * NAME_WORDS;
            if (names[name + 1] == gfn && names[name + 2] == version && names[name] == vmId) {
                return entry - 1;
            }
            at = at + 1 & indexMask;
        }
        return NONE;
    }

    /** Lets a cell's page be found by name. No other cell may have that name. */
    void addToIndex(int cell) {
        int at = home(cell);
        while (index[at] != 0) {
            at = at + 1 & indexMask;
        }
        index[at] = cell + 1;
        flags[cell] |= INDEXED;
        indexed++;
    }

    /** Lets a cell's page not be found any more. */
    void removeFromIndex(int cell) {
        int hole = home(cell);
        while (index[hole] != cell + 1) {
            hole = hole + 1 & indexMask;
        }
        int at = hole + 1 & indexMask;
        while (index[at] != 0) {
            int home = home(index[at] - 1);
            if ((at - home & indexMask) >= (at - hole & indexMask)) {
                index[hole] = index[at];
                hole = at;
            }
            at = at + 1 & indexMask;
        }
        index[hole] = 0;
        flags[cell] &= ~INDEXED;
        indexed--;
    }

    boolean isIndexed(int cell) {
        return (flags[cell] & INDEXED) != 0;
    }

    long vmId(int cell) {
        return names[cell * NAME_WORDS];
    }

    long gfn(int cell) {
        return names[cell * NAME_WORDS + 1];
    }

    long version(int cell) {
        return names[cell * NAME_WORDS + 2];
    }

    /** What a policy remembers the cell's page by: the same for each of its versions. */
    long identity(int cell) {
        return PageIdentity.mix(vmId(cell), gfn(cell));
    }

    int checksum(int cell) {
        return checksums[cell];
    }

    void setChecksum(int cell, int crc32c) {
        checksums[cell] = crc32c;
    }

    int state(int cell) {
        return flags[cell] & STATE_MASK;
    }

    void setState(int cell, int state) {
        flags[cell] = (byte) ((flags[cell] & ~STATE_MASK) | state);
    }

    boolean isZero(int cell) {
        return (flags[cell] & ZERO) != 0;
    }

    void markZero(int cell) {
        flags[cell] |= ZERO;
    }

    boolean isPrefetched(int cell) {
        return (flags[cell] & PREFETCHED) != 0;
    }

    void setPrefetched(int cell, boolean prefetched) {
        flags[cell] = (byte) (prefetched ? flags[cell] | PREFETCHED : flags[cell] & ~PREFETCHED);
    }

    /** Whether the cell's page is counted among those of its VM. */
    boolean isCounted(int cell) {
        return (flags[cell] & COUNTED) != 0;
    }

    void markCounted(int cell) {
        flags[cell] |= COUNTED;
    }

    int flight(int cell) {
        return flights[cell];
    }

    void setFlight(int cell, int flight) {
        flights[cell] = flight;
    }

    boolean isPinned(int cell) {
        return pins[cell] != 0;
    }

    void pin(int cell) {
        pins[cell]++;
    }

    void unpin(int cell) {
        if (pins[cell] == 0) {
            throw new IllegalStateException("cell: " + cell + " is not pinned");
        }
        pins[cell]--;
    }

    private int home(int cell) {
        return home(vmId(cell), gfn(cell), version(cell));
    }

    private int home(long vmId, long gfn, long version) {
        long hash = (vmId * 0x9E37_79B9_7F4A_7C15L ^ gfn) * 0xBF58_476D_1CE4_E5B9L;
        hash = (hash ^ hash >>> 32 ^ version) * 0x94D0_49BB_1331_11EBL;
        return (int) (hash ^ hash >>> 32) & indexMask;
    }
}
