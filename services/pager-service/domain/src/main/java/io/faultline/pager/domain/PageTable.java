// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import io.faultline.pager.domain.eviction.PageIdentity;
import io.faultline.pager.domain.names.PageNames;

/**
 * What each cell holds, and an index from a page's name (vm, gfn, version) to its cell. Owned by the pager's thread.
 */
final class PageTable {
    /*
     * All in primitive arrays, a row a 4 KiB unit: 24 bytes of name, 4 of checksum, 2 of pins, 4 of flight, 2 of
     * tenant, 1 of flags, and 6 to 12 of index. With the default eviction policy (10 to 14) and the allocator (1) that
     * stays below 64 bytes a page.
     */
    static final int NONE = PageNames.NONE;

    /** The cell's bytes are being read from the swap store. */
    static final int LOADING = 1;
    /** The cell's bytes have just come in, and are not checked yet. */
    static final int FILLING = 2;
    /** The cell holds a page that the swap store does not have yet. */
    static final int STORING = 3;
    /** The cell holds a page that the swap store has too. */
    static final int RESIDENT = 4;
    /** As {@link #RESIDENT}, but on its way out: its bytes are being deflated. */
    static final int DEFLATING = 5;

    static final int PINS_MAX = Character.MAX_VALUE;

    private static final int STATE_MASK = 7;
    private static final int INDEXED = 1 << 3;
    private static final int ZERO = 1 << 4;
    private static final int PREFETCHED = 1 << 5;
    private static final int COUNTED = 1 << 6;

    private final PageNames names;
    private final int[] checksums;
    private final char[] pins;
    private final int[] flights;
    private final char[] tenants;
    private final byte[] flags;

    PageTable(int units) {
        names = new PageNames(units);
        checksums = new int[units];
        pins = new char[units];
        tenants = new char[units];
        flights = new int[units];
        flags = new byte[units];
    }

    /** The pages that can be found by name. */
    int indexed() {
        return names.indexed();
    }

    /** Starts a cell's life: named, not to be found by name yet, unpinned. */
    void begin(int cell, int state, long vmId, long gfn, long version) {
        names.set(cell, vmId, gfn, version);
        checksums[cell] = 0;
        pins[cell] = 0;
        flights[cell] = NONE;
        flags[cell] = (byte) state;
    }

    /** The cell of a page; {@link #NONE} if it has none. */
    int find(long vmId, long gfn, long version) {
        return names.find(vmId, gfn, version);
    }

    /** As {@link PageNames#guess}. */
    int guess(long vmId, long gfn, long version) {
        return names.guess(vmId, gfn, version);
    }

    /** Reads all of a cell's row: the sum means nothing. */
    long touch(int cell) {
        return names.gfn(cell) + checksums[cell] + pins[cell] + tenants[cell] + flags[cell];
    }

    /** Lets a cell's page be found by name. No other cell may have that name. */
    void addToIndex(int cell) {
        names.add(cell);
        flags[cell] |= INDEXED;
    }

    /** Lets a cell's page not be found any more. */
    void removeFromIndex(int cell) {
        names.remove(cell);
        flags[cell] &= ~INDEXED;
    }

    boolean isIndexed(int cell) {
        return (flags[cell] & INDEXED) != 0;
    }

    long vmId(int cell) {
        return names.vmId(cell);
    }

    long gfn(int cell) {
        return names.gfn(cell);
    }

    long version(int cell) {
        return names.version(cell);
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

    /** The slot of the VM that the cell is held by. */
    int tenant(int cell) {
        return tenants[cell];
    }

    void setTenant(int cell, int slot) {
        tenants[cell] = (char) slot;
    }

    /** Whether the cell may be pinned once more. */
    boolean hasRoomForPin(int cell) {
        return pins[cell] < PINS_MAX;
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
}
