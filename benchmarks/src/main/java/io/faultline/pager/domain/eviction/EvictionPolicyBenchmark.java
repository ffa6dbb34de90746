// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.eviction;

import io.faultline.benchmarks.Measured;
import java.util.Arrays;
import java.util.Random;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * The eviction policies on a DRAM tier of 256 MiB, full, and a guest of 1 GiB whose references are Zipf-distributed
 * (exponent 0.9) over its pages, popular ones far apart.
 */
public class EvictionPolicyBenchmark extends Measured {
    private static final int CELLS = 1 << 16;
    private static final int PAGES = 1 << 18;
    private static final int REFERENCES = 1 << 18;
    private static final double EXPONENT = 0.9;
    private static final int POOL = 0;
    private static final long VM_ID = 1;
    private static final int NONE = -1;
    /** Odd, so that its multiples modulo a power of two are all different. */
    private static final int HOP = 0x61C8_8647;

    private static final EvictionPolicy.Evictable ANY = cell -> true;

    /** Which policy; all of them. */
    @Param
    public PolicyKind kind;

    private final int[] references = new int[REFERENCES];
    private final int[] cellOf = new int[PAGES];
    private final int[] pageIn = new int[CELLS];
    private EvictionPolicy policy;
    private int next;

    /** Draws the references and runs through all of them once, which fills the tier. */
    @Setup
    public void fill() {
        drawReferences(new Random(1));
        Arrays.fill(cellOf, NONE);
        policy = kind.create(CELLS, 1, cell -> PageIdentity.mix(VM_ID, pageIn[cell]));
        for (int cell = 0; cell < CELLS; cell++) {
            put(cell, PAGES - 1 - cell);
        }
        for (int i = 0; i < REFERENCES; i++) {
            reference();
        }
    }

    /** A reference: the page's use noted if the tier has it, else it takes the place of the page that should leave. */
    @Benchmark
    public int reference() {
        int page = references[next++ & (REFERENCES - 1)];
        int cell = cellOf[page];
        if (cell == NONE) {
            cell = policy.victim(POOL, ANY);
            replace(cell, page);
        } else {
            policy.used(cell);
        }
        return cell;
    }

    /** The use of a page that the tier has. */
    @Benchmark
    public int use() {
        int cell = references[next++ & (REFERENCES - 1)] & (CELLS - 1);
        policy.used(cell);
        return cell;
    }

    private void replace(int cell, int page) {
        policy.removed(cell, POOL);
        cellOf[pageIn[cell]] = NONE;
        put(cell, page);
    }

    private void put(int cell, int page) {
        pageIn[cell] = page;
        cellOf[page] = cell;
        policy.added(cell, POOL);
    }

    private void drawReferences(Random random) {
        double[] cumulative = new double[PAGES];
        double sum = 0;
        for (int rank = 0; rank < PAGES; rank++) {
            sum += 1 / Math.pow(rank + 1, EXPONENT);
            cumulative[rank] = sum;
        }
        int[] pageOfRank = new int[PAGES];
        for (int rank = 0; rank < PAGES; rank++) {
            pageOfRank[rank] = (rank * HOP) & (PAGES - 1);
        }
        for (int i = 0; i < REFERENCES; i++) {
            int found = Arrays.binarySearch(cumulative, random.nextDouble() * sum);
            references[i] = pageOfRank[Math.min(found < 0 ? -found - 1 : found, PAGES - 1)];
        }
    }
}
