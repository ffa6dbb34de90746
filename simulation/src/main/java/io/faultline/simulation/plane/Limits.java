// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.plane;

import io.faultline.pager.domain.eviction.PolicyKind;
import io.faultline.simulation.engine.Chance;
import java.util.List;

/**
 * The services' bounds in one run: small ones, so that they are met.
 *
 * @param storesMax pages that the fault plane has sent and that are not acknowledged
 * @param pagerTimeoutNs how long a request to the pager may go without an answer
 * @param fetchDeadlineNs how long a page may be on its way
 * @param loadsMax loads that the swap store works on
 * @param loadsQueuedMax loads that wait
 * @param pagerStoresMax stores that the swap store works on
 * @param waitersMax requests that wait at the pager
 * @param deletesMax deletes that the swap store works on
 * @param policy what the pager's DRAM tier evicts by
 * @param compressedBytes the pager's compressed tier, 0 for none
 * @param eventsMax host events that a guest has not read, beyond which it is not told more
 * @param rulingsMax verdicts that a fault plane has not read, beyond which its guests are not read
 */
public record Limits(
        int storesMax,
        long pagerTimeoutNs,
        long fetchDeadlineNs,
        int loadsMax,
        int loadsQueuedMax,
        int pagerStoresMax,
        int waitersMax,
        int deletesMax,
        PolicyKind policy,
        long compressedBytes,
        int eventsMax,
        int rulingsMax) {
    private static final long MS = 1_000_000;
    private static final List<PolicyKind> POLICIES = List.of(PolicyKind.values());

    /** Bounds drawn for a run. */
    public static Limits draw(Chance chance) {
        boolean tight = chance.onceIn(3);
        int storesMax = tight ? (int) chance.between(1, 4) : 64;
        long pagerTimeoutNs = chance.between(100, 400) * MS;
        Chance compressed = new Chance(pagerTimeoutNs);
        return new Limits(
                storesMax,
                pagerTimeoutNs,
                (chance.onceIn(3) ? chance.between(20, 200) : chance.between(1_000, 10_000)) * MS,
                tight ? (int) chance.between(1, 4) : 32,
                tight ? (int) chance.between(0, 4) : 64,
                tight ? (int) chance.between(1, 4) : 32,
                tight ? (int) chance.between(2, 8) : 128,
                tight ? (int) chance.between(1, 4) : 64,
                POLICIES.get(chance.below(POLICIES.size())),
                compressed.onceIn(3) ? 0 : compressed.between(1, 8) << 17,
                chance.onceIn(2) ? (int) chance.between(1, 3) : 64,
                chance.onceIn(3) ? (int) chance.between(1, 6) : 64);
    }
}
