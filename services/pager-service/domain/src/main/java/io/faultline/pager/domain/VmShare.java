// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

/**
 * What one VM has of a pager's own tiers at one moment, and what it may have.
 *
 * @param quota what was said of it
 * @param dram the DRAM tier
 * @param compressed the compressed tier
 */
public record VmShare(VmQuota quota, InTier dram, InTier compressed) {
    /**
     * What one VM has of one tier.
     *
     * @param bytes memory that it holds now, with what is on its way in or out
     * @param shareBytes memory that no other VM can make it give up: the tier's, by its weight among the VMs with pages there
     * @param evictionsAboveShare pages that it gave up while it held more than that, since the start
     */
    public record InTier(long bytes, long shareBytes, long evictionsAboveShare) {}
}
