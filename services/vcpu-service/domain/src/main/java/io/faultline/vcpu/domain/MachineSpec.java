// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.model.AsyncPf;
import io.faultline.model.PageSize;
import io.faultline.model.Token;
import io.faultline.vcpu.domain.prefetch.PrefetchWindow;
import java.util.List;

/**
 * What a VM is registered with, defaults filled in. Immutable. Overlapping memslots and more than {@link
 * #PAGES_MAX} pages are refused by the {@link VirtualMachine}'s constructor.
 *
 * @param vmId the VM's id, from 1
 * @param memslots its memory, at least one range
 * @param vcpuIds its vCPUs, at least one, each 0 to {@link Token#VCPU_ID_MAX} and named once
 * @param residentPagesMax the number of frames, {@link #RESIDENT_PAGES_MIN} to {@link #PAGES_MAX}
 * @param pageSize the page size
 * @param sdeiEvent the SDEI event that says "page not present", from 1
 * @param pageReadyInterrupt the PPI that says "page ready", 16 to 31
 * @param irqchip whether the VM has an in-kernel interrupt controller; without one it never goes asynchronous
 * @param fetchDeadlineNs how long a page may be on its way while the tiers are unavailable, in nanoseconds
 * @param prefetchPagesMax how many pages ahead of a vCPU's misses the tiers are hinted at, at most; 0 to {@link
 *     PrefetchWindow#PAGES_MAX}, 0 for never
 * @param registeredUnixUs when it was registered, microseconds since the Unix epoch: the base of its page versions and
 *     its vCPUs' epochs
 */
public record MachineSpec(
        long vmId,
        List<Memslot> memslots,
        List<Integer> vcpuIds,
        int residentPagesMax,
        PageSize pageSize,
        int sdeiEvent,
        int pageReadyInterrupt,
        boolean irqchip,
        long fetchDeadlineNs,
        int prefetchPagesMax,
        long registeredUnixUs) {
    /** The smallest number of frames. */
    public static final int RESIDENT_PAGES_MIN = 64;
    /** The largest number of pages in a VM's memslots, and of frames: 1 TiB in pages of 4 KiB. */
    public static final int PAGES_MAX = 1 << 28;

    /**
     * Checks each component but for memslots' overlap.
     *
     * @throws IllegalArgumentException for one that is out of range
     */
    public MachineSpec {
        memslots = List.copyOf(memslots);
        vcpuIds = List.copyOf(vcpuIds);
        require(vmId > 0, "vmId", vmId, "> 0");
        require(!memslots.isEmpty(), "memslots", memslots.size(), "at least 1");
        require(!vcpuIds.isEmpty(), "vcpuIds", vcpuIds.size(), "at least 1");
        require(vcpuIds.stream().distinct().count() == vcpuIds.size(), "vcpuIds", vcpuIds.size(), "each once");
        for (int id : vcpuIds) {
            require(id >= 0 && id <= Token.VCPU_ID_MAX, "vcpuId", id, "0 to " + Token.VCPU_ID_MAX);
        }
        require(
                residentPagesMax >= RESIDENT_PAGES_MIN && residentPagesMax <= PAGES_MAX,
                "residentPagesMax",
                residentPagesMax,
                RESIDENT_PAGES_MIN + " to " + PAGES_MAX);
        require(
                pageReadyInterrupt >= AsyncPf.PPI_MIN && pageReadyInterrupt <= AsyncPf.PPI_MAX,
                "pageReadyInterrupt",
                pageReadyInterrupt,
                AsyncPf.PPI_MIN + " to " + AsyncPf.PPI_MAX);
        require(sdeiEvent > 0, "sdeiEvent", sdeiEvent, "1 to " + Integer.MAX_VALUE);
        require(fetchDeadlineNs > 0, "fetchDeadlineNs", fetchDeadlineNs, "> 0");
        require(
                prefetchPagesMax >= 0 && prefetchPagesMax <= PrefetchWindow.PAGES_MAX,
                "prefetchPagesMax",
                prefetchPagesMax,
                "0 to " + PrefetchWindow.PAGES_MAX);
        require(registeredUnixUs > 0, "registeredUnixUs", registeredUnixUs, "> 0");
    }

    private static void require(boolean holds, String name, long value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
        }
    }
}
