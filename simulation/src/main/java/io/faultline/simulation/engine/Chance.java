// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.engine;

/**
 * A simulation's only source of randomness. Its sequence is fixed by the seed and by this code alone (SplitMix64), so that
 * a seed means the same run on every JDK. One thread.
 */
public final class Chance {
    private static final long GOLDEN_GAMMA = 0x9E37_79B9_7F4A_7C15L;

    private long state;

    /** The sequence of a seed. */
    public Chance(long seed) {
        state = mix(seed + GOLDEN_GAMMA);
    }

    /** Spreads a value's bits over all 64; also a checksum's stand-in. */
    public static long mix(long value) {
        long z = value;
        z = (z ^ (z >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D0_49BB_1331_11EBL;
        return z ^ (z >>> 31);
    }

    /** The next 64 bits. */
    public long next() {
        state += GOLDEN_GAMMA;
        return mix(state);
    }

    /** 0 to {@code bound - 1}; {@code bound} is at least 1. */
    public int below(int bound) {
        return (int) Long.remainderUnsigned(next(), bound);
    }

    /** {@code least} to {@code most}. */
    public long between(long least, long most) {
        return least + Long.remainderUnsigned(next(), most - least + 1);
    }

    /** True once in so many times. */
    public boolean onceIn(int times) {
        return below(times) == 0;
    }

    /** True so many times in a hundred. */
    public boolean percent(int percent) {
        return below(100) < percent;
    }
}
