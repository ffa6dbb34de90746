// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.names;

/**
 * The names (vm, gfn, version) of numbered rows, and an index from a name to its row. Owned by the pager's thread.
 */
public final class PageNames {
    /*
     * The index is open-addressed with linear probing, at most two thirds full; an entry is a row + 1, 0 is empty.
     * Removal moves later entries of the run back, so there are no tombstones and misses stay short. A row is 24 bytes
     * of name and 6 to 12 of index.
     */
    /** No row. */
    public static final int NONE = -1;

    private static final int WORDS = 3;

    private final long[] names;
    private final int[] index;
    private final int indexMask;
    private int indexed;

    /** Room for so many rows, none of which is named. */
    public PageNames(int rows) {
        names = new long[Math.multiplyExact(rows, WORDS)];
        int entries = Integer.highestOneBit(Math.max(8, rows + rows / 2 - 1)) << 1;
        index = new int[entries];
        indexMask = entries - 1;
    }

    /** Rows are numbered below this. */
    public int rows() {
        return names.length / WORDS;
    }

    /** The rows that can be found by name. */
    public int indexed() {
        return indexed;
    }

    /** Names a row, which cannot be found by name now. */
    public void set(int row, long vmId, long gfn, long version) {
        names[row * WORDS] = vmId;
        names[row * WORDS + 1] = gfn;
        names[row * WORDS + 2] = version;
    }

    /** The row of a name; {@link #NONE} if it has none. */
    public int find(long vmId, long gfn, long version) {
        int at = home(vmId, gfn, version);
        int entry;
        while ((entry = index[at]) != 0) {
            int name = (entry - 1) * WORDS;
            if (names[name + 1] == gfn && names[name + 2] == version && names[name] == vmId) {
                return entry - 1;
            }
            at = at + 1 & indexMask;
        }
        return NONE;
    }

    /**
     * The row of a name, if it has one and no other name came in its way; {@link #NONE} if it has none. Reads the index
     * only, so that it waits for memory once.
     */
    public int guess(long vmId, long gfn, long version) {
        return index[home(vmId, gfn, version)] - 1;
    }

    /** Lets a row be found by its name, which no other row may be found by. */
    public void add(int row) {
        int at = home(row);
        while (index[at] != 0) {
            at = at + 1 & indexMask;
        }
        index[at] = row + 1;
        indexed++;
    }

    /** Lets a row not be found any more. */
    public void remove(int row) {
        int hole = home(row);
        while (index[hole] != row + 1) {
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
        indexed--;
    }

    /** The VM in a row's name. */
    public long vmId(int row) {
        return names[row * WORDS];
    }

    /** The guest frame number in a row's name. */
    public long gfn(int row) {
        return names[row * WORDS + 1];
    }

    /** The version in a row's name. */
    public long version(int row) {
        return names[row * WORDS + 2];
    }

    private int home(int row) {
        return home(vmId(row), gfn(row), version(row));
    }

    private int home(long vmId, long gfn, long version) {
        long hash = (vmId * 0x9E37_79B9_7F4A_7C15L ^ gfn) * 0xBF58_476D_1CE4_E5B9L;
        hash = (hash ^ hash >>> 32 ^ version) * 0x94D0_49BB_1331_11EBL;
        return (int) (hash ^ hash >>> 32) & indexMask;
    }
}
