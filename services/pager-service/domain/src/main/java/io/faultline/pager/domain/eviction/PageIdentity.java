// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.eviction;

/**
 * Tells which page of a guest a cell holds, whatever its version: what a policy remembers a page by when it has left. The
 * bits are well mixed; that two pages share an identity is possible, rare, and costs at most a worse decision.
 */
@FunctionalInterface
public interface PageIdentity {
    /** The identity of the page in a cell that is in use. */
    long of(int cell);

    /** Mixes a VM and a guest frame number into an identity. */
    static long mix(long vmId, long gfn) {
        long hash = (vmId * 0x9E37_79B9_7F4A_7C15L ^ gfn) * 0xBF58_476D_1CE4_E5B9L;
        hash = (hash ^ hash >>> 32) * 0x94D0_49BB_1331_11EBL;
        return hash ^ hash >>> 29;
    }
}
