// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import io.faultline.pager.domain.eviction.PolicyKind;

/**
 * By what the DRAM tier evicts, and whether that is watched.
 *
 * @param first the policy, or the one to begin with
 * @param isAuto whether another takes its place when that has been better for long; needs shadows
 * @param shadowPages the 4 KiB pages that the shadow of each policy holds, 256 to 65,536; 0 for no shadows
 */
public record DramPolicy(PolicyKind first, boolean isAuto, int shadowPages) {
    private static final int SHADOW_PAGES_LEAST = 1 << 8;
    private static final int SHADOW_PAGES_MOST = 1 << 16;

    /** Checks the range. */
    public DramPolicy {
        if (shadowPages != 0 || isAuto) {
            PagerLimits.require("shadowPages", shadowPages, SHADOW_PAGES_LEAST, SHADOW_PAGES_MOST);
        }
    }

    /** One policy for good, without shadows. */
    public static DramPolicy fixed(PolicyKind kind) {
        return new DramPolicy(kind, false, 0);
    }
}
