// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.shadow;

import io.faultline.model.PageSize;
import io.faultline.pager.domain.eviction.PageIdentity;
import io.faultline.pager.domain.names.PageNames;

/**
 * The sampled pages that are in some shadow, each with a row, the shadows that hold it and its cell in each. Owned by
 * the pager's thread.
 */
final class SampledPages {
    /*
     * One look-up finds a page for all shadows. A row lives as long as any shadow holds its page, so there are as many
     * rows as the shadows have cells together.
     */
    static final int NONE = PageNames.NONE;

    private static final PageSize[] SIZES = PageSize.values();
    /** Pages of one size compete with each other first: a pool a page size. */
    static final int POOLS = SIZES.length;
    /** The units of 4,096 bytes of the largest page. */
    static final int UNITS_MOST = units(POOLS - 1);

    private final int shadows;
    private final PageNames names;
    private final int[] cellOf;
    private final byte[] poolOf;
    private final byte[] holders;
    private final int[] freeRows;
    private int freeCount;

    SampledPages(int rows, int shadows) {
        this.shadows = shadows;
        names = new PageNames(rows);
        cellOf = new int[rows * shadows];
        poolOf = new byte[rows];
        holders = new byte[rows];
        freeRows = new int[rows];
        for (int row = 0; row < rows; row++) {
            freeRows[row] = rows - 1 - row;
        }
        freeCount = rows;
    }

    /** The number, from 0, of a page size's pool. */
    static int pool(PageSize size) {
        return (size.shift() - PageSize.SIZE_4K.shift()) / 2;
    }

    static int units(int pool) {
        return SIZES[pool].bytes() >> PageSize.SIZE_4K.shift();
    }

    int rows() {
        return holders.length;
    }

    int find(long vmId, long gfn, long version) {
        return names.find(vmId, gfn, version);
    }

    /** A row for a page that has none; some shadow is to hold it at once. */
    int open(long vmId, long gfn, long version, PageSize size) {
        int row = freeRows[--freeCount];
        names.set(row, vmId, gfn, version);
        names.add(row);
        poolOf[row] = (byte) pool(size);
        return row;
    }

    long vmId(int row) {
        return names.vmId(row);
    }

    /** The same for each version of the page, as in the DRAM tier. */
    long identity(int row) {
        return PageIdentity.mix(names.vmId(row), names.gfn(row));
    }

    int pool(int row) {
        return poolOf[row];
    }

    /** The shadows that hold a row's page, a bit each; 0 for a row that is not in use. */
    int holders(int row) {
        return holders[row];
    }

    int cell(int row, int shadow) {
        return cellOf[row * shadows + shadow];
    }

    void enter(int row, int shadow, int cell) {
        cellOf[row * shadows + shadow] = cell;
        holders[row] |= (byte) (1 << shadow);
    }

    /** A shadow does not hold a row's page any more; the row is free when none does. */
    void leave(int row, int shadow) {
        holders[row] &= (byte) ~(1 << shadow);
        if (holders[row] == 0) {
            names.remove(row);
            freeRows[freeCount++] = row;
        }
    }
}
