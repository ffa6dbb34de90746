// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import io.faultline.model.PageSource;
import io.faultline.model.SyncReason;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What came of a replay. Immutable.
 *
 * @param faults faults raised, retries included; the outcomes sum to it
 * @param faultsRetried of these, raised again by a task that a wake-all had woken
 * @param outcomes how many faults ended in each way
 * @param syncReasons why vCPUs stood still, for the MAPPED_SYNC among them
 * @param sources where mapped pages came from
 * @param tokensIssued faults that went asynchronous
 * @param notifications what the guest was told
 * @param integrity what the pages' stamps proved
 * @param readBack what came of reading the memory back; null where that was not asked for
 * @param pagesWrittenOut dirty pages that went to the pager, while populating too
 * @param syncLatency of the faults for which a vCPU stood still, from fault to mapping
 * @param asyncLatency of the asynchronous faults, from fault to page ready
 * @param openLoop how the guest kept its schedule; null in a closed loop
 * @param populateS how long filling the memory took, in seconds
 * @param elapsedS how long replaying took, in seconds
 * @param blockedS how long vCPUs stood still for their host's decision on a fault, all together, in seconds
 * @param badLines malformed lines of the recording that were passed over
 * @param brokenInvariants what must hold and did not, in words; empty when all is well
 * @param notes what happened besides and is no fault of the services
 */
public record ReplayResult(
        long faults,
        long faultsRetried,
        Map<TerminalKind, Long> outcomes,
        Map<SyncReason, Long> syncReasons,
        Map<PageSource, Long> sources,
        long tokensIssued,
        Notifications notifications,
        Integrity integrity,
        @Nullable ReadBack readBack,
        long pagesWrittenOut,
        Latency syncLatency,
        Latency asyncLatency,
        @Nullable OpenLoop openLoop,
        double populateS,
        double elapsedS,
        double blockedS,
        long badLines,
        List<String> brokenInvariants,
        List<String> notes) {

    /**
     * How a guest kept its schedule. A vCPU that stands still, or a task that waits for its page, begins its next access late:
     * what that adds is in {@code late} and {@code sinceDue}, and not in the latencies of the faults.
     *
     * @param wantedPerS how many accesses a second were due, from the first to the last that was raised, or
     *     was due when the time was up
     * @param late from when an access was due until it was raised, or until the end if it never was
     * @param sinceDue from when an access was due until its page was there, or likewise
     */
    public record OpenLoop(double wantedPerS, Latency late, Latency sinceDue) {}

    /**
     * What a guest was told.
     *
     * @param notPresent page-not-present events
     * @param pageReady page-ready interrupts for one token
     * @param wakeAll page-ready interrupts for all
     */
    public record Notifications(long notPresent, long pageReady, long wakeAll) {}

    /**
     * What the pages' stamps proved.
     *
     * @param checks loads that were compared with the stamp expected
     * @param checksOfSwapStore of these, loads from pages whose bytes came back from the swap store
     * @param mismatches loads that brought something else
     */
    public record Integrity(long checks, long checksOfSwapStore, long mismatches) {}

    /**
     * What came of reading every recorded page back after the last fault, as a debugger would.
     *
     * @param pages pages that were asked for, the lost ones included
     * @param wrong of these, pages with a byte that nobody wrote there last
     * @param lost of these, pages that no tier has
     * @param retries reads that were repeated, because the tiers were unavailable for longer than a fetch's deadline
     */
    public record ReadBack(long pages, long wrong, long lost, long retries) {}

    /** Copies the collections. */
    public ReplayResult {
        outcomes = Map.copyOf(outcomes);
        syncReasons = Map.copyOf(syncReasons);
        sources = Map.copyOf(sources);
        brokenInvariants = List.copyOf(brokenInvariants);
        notes = List.copyOf(notes);
    }

    /** Whether everything that must hold did. */
    public boolean hasHeld() {
        return brokenInvariants.isEmpty();
    }

    /** How many faults ended so. */
    public long count(TerminalKind kind) {
        return outcomes.getOrDefault(kind, 0L);
    }

    /** Faults a second. */
    public double faultsPerS() {
        return elapsedS > 0 ? faults / elapsedS : 0;
    }
}
