// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.shadow;

import io.faultline.pager.domain.eviction.EvictionPolicy;
import io.faultline.pager.domain.eviction.PolicyKind;

/** One miniature cache: which sampled pages a policy would keep, each in a cell of its own. Owned by the pager's thread. */
final class ShadowCache {
    /*
     * Pages of the three sizes share the cache as they share the DRAM tier: a page takes the place of another of its
     * size, unless pages of another size have clearly more of the memory.
     */
    private static final EvictionPolicy.Evictable ANY = cell -> true;

    private final int unitsMax;
    private final EvictionPolicy policy;
    private final int[] rowOf;
    private final int[] freeCells;
    private final int[] unitsOf = new int[SampledPages.POOLS];
    private int freeCount;
    private int units;

    ShadowCache(PolicyKind kind, int unitsMax, SampledPages pages) {
        this.unitsMax = unitsMax;
        rowOf = new int[unitsMax];
        freeCells = new int[unitsMax];
        for (int cell = 0; cell < unitsMax; cell++) {
            freeCells[cell] = unitsMax - 1 - cell;
        }
        freeCount = unitsMax;
        policy = kind.create(unitsMax, SampledPages.POOLS, cell -> pages.identity(rowOf[cell]));
    }

    boolean hasRoom(int pool) {
        return units + SampledPages.units(pool) <= unitsMax;
    }

    /** Takes a row's page in, which there must be room for; its cell. */
    int add(int row, int pool) {
        int cell = freeCells[--freeCount];
        rowOf[cell] = row;
        count(pool, SampledPages.units(pool));
        policy.added(cell, pool);
        return cell;
    }

    void used(int cell) {
        policy.used(cell);
    }

    void remove(int cell, int pool) {
        policy.removed(cell, pool);
        count(pool, -SampledPages.units(pool));
        freeCells[freeCount++] = cell;
    }

    /** The cell whose page is to leave for one of a pool. There must be a page. */
    int victim(int pool) {
        return policy.victim(donor(pool), ANY);
    }

    int row(int cell) {
        return rowOf[cell];
    }

    private int donor(int pool) {
        int richest = pool;
        for (int other = 0; other < SampledPages.POOLS; other++) {
            if (unitsOf[other] > unitsOf[richest]) {
                richest = other;
            }
        }
        return unitsOf[richest] > unitsOf[pool] + SampledPages.UNITS_MOST || unitsOf[pool] == 0 ? richest : pool;
    }

    private void count(int pool, int more) {
        unitsOf[pool] += more;
        units += more;
    }
}
