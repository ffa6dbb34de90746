// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

/**
 * What one VM may have of a pager's tiers.
 *
 * @param weight its share of each tier and queue, relative to the other VMs' weights: 1 to 1,000
 * @param dramMaxBytes what its pages may take of the DRAM tier, however empty that is, at least 1 MiB; 0 for no such limit
 * @param compressedMaxBytes likewise of the compressed tier, at least 64 KiB; 0 for no such limit
 */
public record VmQuota(int weight, long dramMaxBytes, long compressedMaxBytes) {
    /** What a VM has that nobody has said anything of. */
    public static final VmQuota DEFAULT = new VmQuota(1, 0, 0);

    private static final int WEIGHT_MAX = 1000;
    private static final long DRAM_LEAST_BYTES = 1L << 20;
    private static final long COMPRESSED_LEAST_BYTES = 1L << 16;

    /** Checks the ranges. */
    public VmQuota {
        if (weight < 1 || weight > WEIGHT_MAX) {
            throw new IllegalArgumentException("weight: " + weight + " (expected: 1 to " + WEIGHT_MAX + ")");
        }
        requireBytes("dram_max_bytes", dramMaxBytes, DRAM_LEAST_BYTES);
        requireBytes("compressed_max_bytes", compressedMaxBytes, COMPRESSED_LEAST_BYTES);
    }

    private static void requireBytes(String name, long bytes, long least) {
        if (bytes != 0 && bytes < least) {
            throw new IllegalArgumentException(
                    name + ": " + bytes + " (expected: 0 for no limit, or at least " + least + ")");
        }
    }
}
