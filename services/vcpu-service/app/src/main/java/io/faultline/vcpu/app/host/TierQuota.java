// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.host;

/**
 * What a VM may have of each pager's tiers and queues. The pagers give it; here it is only carried to them.
 *
 * @param weight its share, relative to the other VMs' weights: 1 to {@link #WEIGHT_MAX}
 * @param dramMaxBytes what its pages may take of a DRAM tier, at least {@link #DRAM_LEAST_BYTES}; 0 for no such limit
 * @param compressedMaxBytes likewise of a compressed tier, at least {@link #COMPRESSED_LEAST_BYTES}
 */
public record TierQuota(int weight, long dramMaxBytes, long compressedMaxBytes) {
    /** The largest weight. */
    public static final int WEIGHT_MAX = 1000;
    /** The least limit in a DRAM tier, in bytes. */
    public static final long DRAM_LEAST_BYTES = 1L << 20;
    /** The least limit in a compressed tier, in bytes. */
    public static final long COMPRESSED_LEAST_BYTES = 1L << 16;
    /** What a VM has of which its owner has said nothing. */
    public static final TierQuota DEFAULT = new TierQuota(1, 0, 0);
}
