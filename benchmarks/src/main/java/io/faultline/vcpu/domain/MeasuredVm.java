// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.model.Access;
import io.faultline.model.AsyncPf;
import io.faultline.model.PageSize;
import io.faultline.model.Privilege;
import io.faultline.model.Token;
import io.faultline.vcpu.domain.prefetch.PrefetchWindow;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * A guest of 1 GiB with 256 vCPUs, of which 256 MiB fit in frames and all of which is swapped out at first; asynchronous
 * faults are on. Its pages are faulted on in an order that hops over all of them, so that each is long gone when its turn
 * comes again.
 */
final class MeasuredVm {
    static final int VCPUS = 256;

    private static final int PAGES = 1 << 18;
    private static final int FRAMES = 1 << 16;
    private static final long RAM_GFN = 0x4_0000;
    private static final int FLASH_PAGES = 1 << 14;
    private static final int PAGE_SHIFT = 12;
    /** Odd, so that its multiples modulo a power of two are all different. */
    private static final int HOP = 0x61C8_8647;

    private static final int ENABLE = 4;
    private static final long SHARED_AREA = RAM_GFN << PAGE_SHIFT;
    private static final long NOW_NS = 1;

    final LatestEffects effects = new LatestEffects();
    final VirtualMachine vm = new VirtualMachine(spec(), effects);
    private final Vcpu[] vcpus = new Vcpu[VCPUS];
    private long lastRef;
    private int hops;

    MeasuredVm() {
        vm.open(true, NOW_NS);
        for (int id = 0; id < VCPUS; id++) {
            vcpus[id] = Objects.requireNonNull(vm.vcpu(id));
            vcpus[id].hypercall(id, ENABLE, (int) SHARED_AREA | 1, 0, NOW_NS);
            vcpus[id].armed(vcpus[id].epoch(), NOW_NS);
            vcpus[id].ready(vcpus[id].epoch(), Token.WAKE_ALL, NOW_NS);
        }
        for (int i = 0; i < PAGES; i++) {
            int page = Objects.requireNonNull(vm.memory().memslots.find(RAM_GFN + i))
                    .page(RAM_GFN + i);
            vm.memory().stage2.set(page, PageState.SWAPPED, 1 + i);
            vm.memory().stage2.setCrc(page, i);
        }
    }

    private static MachineSpec spec() {
        return new MachineSpec(
                1,
                List.of(new Memslot(0, 0, FLASH_PAGES, true), new Memslot(1, RAM_GFN, PAGES, false)),
                IntStream.range(0, VCPUS).boxed().toList(),
                FRAMES,
                PageSize.SIZE_4K,
                AsyncPf.DEFAULT_SDEI_EVENT,
                AsyncPf.DEFAULT_INTERRUPT,
                true,
                1_000_000_000,
                PrefetchWindow.PAGES_MAX,
                1_000_000);
    }

    /** A read by the guest's user mode of a page that no frame holds; the page's index in RAM. */
    int raiseOnSwapped(int vcpuId) {
        int page = (hops++ * HOP) & (PAGES - 1);
        raise(vcpuId, page);
        return page;
    }

    /** A read by the guest's user mode. */
    void raise(int vcpuId, int page) {
        vcpus[vcpuId].raise(++lastRef, (RAM_GFN + page) << PAGE_SHIFT, Access.READ, Privilege.USER, false, NOW_NS);
    }

    void accept(int vcpuId, int token) {
        vcpus[vcpuId].accepted(vcpus[vcpuId].epoch(), token, NOW_NS);
    }

    void ready(int vcpuId, int token) {
        vcpus[vcpuId].ready(vcpus[vcpuId].epoch(), token, NOW_NS);
    }
}
