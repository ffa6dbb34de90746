// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import io.faultline.benchmarks.Measured;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;

/** The pager's index from a page's name to its cell, for a DRAM tier of 256 MiB that is full. */
public class PageTableBenchmark extends Measured {
    private static final int CELLS = 1 << 16;
    private static final long VM_ID = 1;
    private static final long VERSION_FIRST = 1_000_000;
    /** Odd, so that its multiples modulo a power of two are all different. */
    private static final int HOP = 0x61C8_8647;

    private final PageTable table = new PageTable(CELLS);
    private final long[] gfns = new long[CELLS];
    private final long[] versions = new long[CELLS];
    private int next;
    private long nextVersion = VERSION_FIRST;

    /** Names each cell. */
    @Setup
    public void fill() {
        for (int cell = 0; cell < CELLS; cell++) {
            name(cell, cell);
        }
    }

    /** A page that the tier has. */
    @Benchmark
    public int find() {
        int cell = nextCell();
        return table.find(VM_ID, gfns[cell], versions[cell]);
    }

    /** A page that it does not have: another version of one that it has. */
    @Benchmark
    public int miss() {
        int cell = nextCell();
        return table.find(VM_ID, gfns[cell], versions[cell] - VERSION_FIRST);
    }

    /** A cell's page leaves and another comes. */
    @Benchmark
    public int replace() {
        int cell = nextCell();
        table.removeFromIndex(cell);
        name(cell, gfns[cell] + CELLS);
        return cell;
    }

    private void name(int cell, long gfn) {
        gfns[cell] = gfn;
        versions[cell] = nextVersion++;
        table.begin(cell, PageTable.RESIDENT, VM_ID, gfn, versions[cell]);
        table.addToIndex(cell);
    }

    private int nextCell() {
        return (next++ * HOP) & (CELLS - 1);
    }
}
