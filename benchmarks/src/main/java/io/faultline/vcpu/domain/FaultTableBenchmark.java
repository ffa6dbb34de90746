// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.benchmarks.Measured;
import java.util.Random;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** One vCPU's table of frame numbers, at several fillings. */
public class FaultTableBenchmark extends Measured {
    private static final int PROBES = 1 << 12;
    private static final long GUEST_PAGES = 1 << 18;

    /** Frame numbers in the table, of 64 cells. */
    @Param({"8", "32", "63"})
    public int works;

    private final FaultTable table = new FaultTable();
    private final long[] present = new long[PROBES];
    private final long[] absent = new long[PROBES];
    private int next;

    /** Fills the table with random frames of a guest of 1 GiB. */
    @Setup
    public void fill() {
        Random random = new Random(1);
        long[] held = random.longs(0, GUEST_PAGES).distinct().limit(works).toArray();
        for (long gfn : held) {
            table.insert(gfn);
        }
        for (int i = 0; i < PROBES; i++) {
            present[i] = held[random.nextInt(works)];
            absent[i] = random.nextLong(GUEST_PAGES, 2 * GUEST_PAGES);
        }
    }

    /** A lookup that finds: the fault is a duplicate. */
    @Benchmark
    public boolean find() {
        return table.contains(present[next++ & (PROBES - 1)]);
    }

    /** A lookup that does not find, as almost every one. */
    @Benchmark
    public boolean miss() {
        return table.contains(absent[next++ & (PROBES - 1)]);
    }

    /** A frame number comes and goes. */
    @Benchmark
    public boolean insertAndRemove() {
        long gfn = absent[next++ & (PROBES - 1)];
        table.insert(gfn);
        return table.remove(gfn);
    }
}
