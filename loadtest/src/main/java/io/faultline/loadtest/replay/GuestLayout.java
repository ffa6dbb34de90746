// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import io.faultline.loadtest.guest.GuestKernel;
import io.faultline.loadtest.trace.AddressMap;
import io.faultline.loadtest.trace.Memslot;
import io.faultline.model.PageSize;
import java.util.ArrayList;
import java.util.List;

/**
 * Where things are in the replayed guest's memory: the recorded process's pages from 1 GiB on (with 4 KiB pages), and
 * behind them, from the next 512-page boundary, the kernel's own pages with the vCPUs' shared areas.
 *
 * @param memslots the memslots, the kernel's last
 * @param areaIpa where the first vCPU's shared area is
 */
record GuestLayout(List<Memslot> memslots, long areaIpa) {
    /** How many memslots a VM may have. */
    static final int MEMSLOTS_MAX = 512;

    private static final long ALIGNMENT_PAGES = 512;

    static GuestLayout of(AddressMap addressMap, int vcpus, PageSize pageSize) {
        long end = AddressMap.BASE_GFN + addressMap.pageCount();
        long areaGfn = (end + ALIGNMENT_PAGES - 1) / ALIGNMENT_PAGES * ALIGNMENT_PAGES;
        long areaBytes = (long) vcpus * GuestKernel.AREA_STRIDE_BYTES;
        long areaPages = (areaBytes + pageSize.bytes() - 1) / pageSize.bytes();
        List<Memslot> memslots = new ArrayList<>(addressMap.memslots());
        memslots.add(new Memslot(memslots.size(), areaGfn, areaPages));
        return new GuestLayout(List.copyOf(memslots), areaGfn << pageSize.shift());
    }
}
