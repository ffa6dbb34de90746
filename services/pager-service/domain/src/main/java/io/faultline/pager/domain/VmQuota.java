// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

/**
 * What one VM may have of a pager's tiers.
 *
 * @param weight its share of each tier and queue, relative to the other VMs' weights: 1 to 1,000
 * @param dramMaxBytes what its pages may take of the DRAM tier, however empty that is; 0 for no such limit
 * @param compressedMaxBytes likewise of the compressed tier
 */
public record VmQuota(int weight, long dramMaxBytes, long compressedMaxBytes) {
    /** What a VM has that nobody has said anything of. */
    public static final VmQuota DEFAULT = new VmQuota(1, 0, 0);

    private static final int WEIGHT_MAX = 1000;

    /** Checks the ranges. */
    public VmQuota {
        if (weight < 1 || weight > WEIGHT_MAX) {
            throw new IllegalArgumentException("weight: " + weight + " (expected: 1 to " + WEIGHT_MAX + ")");
        }
        requireBytes("dram_max_bytes", dramMaxBytes);
        requireBytes("compressed_max_bytes", compressedMaxBytes);
    }

    private static void requireBytes(String name, long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException(name + ": " + bytes + " (expected: 0 for no limit, or more)");
        }
    }
}
