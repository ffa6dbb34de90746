// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.shadow;

import io.faultline.benchmarks.Measured;
import io.faultline.model.PageSize;
import java.util.Random;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;

/** The shadows of a DRAM tier of 256 MiB, full, and fetches of a working set four times as large. */
public class ShadowsBenchmark extends Measured {
    private static final int TIER_UNITS = 1 << 16;
    private static final int SHADOW_PAGES = 2048;
    private static final int PAGES = 4 * TIER_UNITS;
    private static final int FETCHES = 1 << 14;
    private static final long VM_ID = 1;

    private final Shadows shadows = new Shadows(TIER_UNITS, SHADOW_PAGES);
    private final long[] any = new long[FETCHES];
    private final long[] sampled = new long[FETCHES];
    private int next;

    /** Draws pages, and fills the shadows. */
    @Setup
    public void fill() {
        Random random = new Random(1);
        int drawn = 0;
        while (drawn < FETCHES) {
            long gfn = random.nextInt(PAGES);
            if (shadows.samples(VM_ID, gfn)) {
                sampled[drawn++] = gfn;
            }
        }
        for (int i = 0; i < FETCHES; i++) {
            any[i] = random.nextInt(PAGES);
            fetchSampled();
        }
    }

    /** Whether a page is sampled: all that a fetch of one that is not costs. */
    @Benchmark
    public boolean sample() {
        return shadows.samples(VM_ID, any[next++ & (FETCHES - 1)]);
    }

    /** A fetch of a sampled page, in all seven shadows. */
    @Benchmark
    public int fetchSampled() {
        return shadows.fetched(VM_ID, sampled[next++ & (FETCHES - 1)], 1, PageSize.SIZE_4K);
    }
}
