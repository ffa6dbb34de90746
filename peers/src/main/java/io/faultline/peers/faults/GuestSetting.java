// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers.faults;

import io.faultline.peers.pages.PageSet;

/**
 * A guest and where its host is.
 *
 * @param vcpuAddress the fault plane, {@code host:port}
 * @param notifierAddress the notification plane
 * @param vmId the VM
 * @param vcpus how many vCPUs it has, 1 to 4,096
 * @param pages how many pages it touches, one after the other in a scattered order; a power of two
 * @param residentPages how many of them may be with the fault plane: few enough that every touch finds its page away
 */
record GuestSetting(String vcpuAddress, String notifierAddress, long vmId, int vcpus, int pages, int residentPages) {
    /** Where the guest's memory begins; the vCPUs' shared areas are behind it. */
    static final long BASE_GFN = 1 << 18;

    private static final int PAGE_SHIFT = Integer.numberOfTrailingZeros(PageSet.PAGE_BYTES);
    private static final int AREA_BYTES = 64;
    /** Odd, so that every page has its turn before any has a second. */
    private static final long STRIDE = 0x9E37_79B1L;

    /** The address of the page that is touched as number {@code n}. */
    long ipa(long n) {
        return (BASE_GFN + ((n * STRIDE) & (pages - 1))) << PAGE_SHIFT;
    }

    /** Where a vCPU's shared area is. */
    long areaIpa(int vcpu) {
        return ((BASE_GFN + pages) << PAGE_SHIFT) + (long) vcpu * AREA_BYTES;
    }

    /** How many pages the shared areas take. */
    long areaPages() {
        return ((long) vcpus * AREA_BYTES + PageSet.PAGE_BYTES - 1) / PageSet.PAGE_BYTES;
    }
}
