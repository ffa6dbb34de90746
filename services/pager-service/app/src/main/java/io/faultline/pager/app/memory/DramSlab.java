// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.memory;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;

/**
 * A tier's off-heap memory, addressed as the DRAM tier's cells are, in units of 4 KiB. Extents are allocated when a cell of
 * theirs is first used, so a pager costs the memory it needs, up to its cap; all of it lives as long as the slab is reachable. Grown
 * by the loop only; a cell's bytes belong to whoever the domain gave the cell to.
 */
public final class DramSlab {
    /** What a cell number counts: 4 KiB. */
    public static final int UNIT_BYTES = 1 << 12;

    private static final int UNIT_SHIFT = 12;
    /** 4 MiB: allocating one zeroes it, about a millisecond on the loop. The largest page never straddles two. */
    private static final int EXTENT_SHIFT = 22;

    private static final int EXTENT_UNITS = 1 << (EXTENT_SHIFT - UNIT_SHIFT);

    private final Arena arena = Arena.ofAuto();
    private final @Nullable MemorySegment[] extents;
    private int allocated;

    /** Memory for cells 0 to {@code units - 1}. */
    public DramSlab(int units) {
        extents = new MemorySegment[Math.ceilDiv(units, EXTENT_UNITS)];
    }

    /**
     * Refuses caps that the JVM would not let slabs grow to together.
     *
     * @throws IllegalArgumentException naming their sum and the JVM's bound
     */
    public static void requireWithinJvm(long bytesMax) {
        long option = Long.parseLong(ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .getVMOption("MaxDirectMemorySize")
                .getValue());
        long jvmMax = option == 0 ? Runtime.getRuntime().maxMemory() : option;
        if (bytesMax > jvmMax) {
            throw new IllegalArgumentException("dram-max-bytes and compressed-max-bytes: " + bytesMax
                    + " (expected: at most " + jvmMax + ", the JVM's -XX:MaxDirectMemorySize)");
        }
    }

    /** The memory that a cell lies in, at {@link #offset}. */
    public MemorySegment memory(int cell) {
        int extent = cell / EXTENT_UNITS;
        MemorySegment memory = extents[extent];
        if (memory == null) {
            memory = arena.allocate(1L << EXTENT_SHIFT, 1L << UNIT_SHIFT);
            extents[extent] = memory;
            allocated++;
        }
        return memory;
    }

    /** Where in its {@link #memory} a cell begins. */
    public static long offset(int cell) {
        return (long) (cell % EXTENT_UNITS) << UNIT_SHIFT;
    }

    /** A cell's bytes. */
    public MemorySegment page(int cell, int sizeBytes) {
        return memory(cell).asSlice(offset(cell), sizeBytes);
    }

    /** Memory taken so far, in bytes. */
    public long allocatedBytes() {
        return (long) allocated << EXTENT_SHIFT;
    }
}
