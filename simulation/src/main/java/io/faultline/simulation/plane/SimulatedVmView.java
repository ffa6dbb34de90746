// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.plane;

import io.faultline.vcpu.domain.HostAccess;
import io.faultline.vcpu.domain.MachineSpec;
import io.faultline.vcpu.domain.Memslot;

/** A registered VM as its owner and the end of a run see it. One thread. */
public final class SimulatedVmView {
    private final SimulatedVm vm;
    private final FaultPlane.Instance instance;

    SimulatedVmView(SimulatedVm vm, FaultPlane.Instance instance) {
        this.vm = vm;
        this.instance = instance;
    }

    /** What it was registered with. */
    public MachineSpec spec() {
        return vm.spec();
    }

    /** Its guest makes a hypercall; the answer comes once. */
    public void hypercall(int vcpuId, int function, int argument2, int argument3, FaultPlane.ConfigureAnswer answer) {
        vm.hypercall(vcpuId, function, argument2, argument3, answer);
    }

    /** The host reads or writes a page. */
    public void hostAccess(long gfn, HostAccess access) {
        vm.hostAccess(gfn, access);
    }

    /** A vCPU's state is exported and imported again; the answer is null when its asynchronous faults are off for it. */
    public void migrate(int vcpuId, NotificationPlane notifier, FaultPlane.ConfigureAnswer answer) {
        vm.migrate(vcpuId, notifier, answer);
    }

    /** A vCPU is reset. */
    public void reset(int vcpuId) {
        vm.reset(vcpuId);
    }

    /** Adds, changes or (with 0 pages) deletes a memslot; {@code old} is what it replaces. */
    public void setMemslot(Memslot memslot, Memslot old, long nowNs) {
        if (memslot.pages() == 0) {
            instance.orphan(vm, old.baseGfn(), old.endGfn());
            for (long gfn = old.baseGfn(); gfn < old.endGfn(); gfn++) {
                vm.ledger().forget(gfn);
            }
        }
        vm.machine().setMemslot(memslot, nowNs);
    }

    /** Works that its vCPUs count. */
    public int works() {
        return vm.spec().vcpuIds().stream()
                .mapToInt(id -> {
                    var vcpu = vm.machine().vcpu(id);
                    return vcpu == null ? 0 : vcpu.works();
                })
                .sum();
    }

    /** Pages that are lost now. */
    public int lostPages() {
        return vm.ledger().lostPages();
    }

    /** Faults without a terminal outcome, in words. */
    public String faultsInFlight() {
        return vm.watch().faultsInFlight();
    }

    /** Whether every fault has ended, for the watch and for the machine. */
    public boolean isQuiet() {
        return vm.watch().isQuiet() && vm.machine().faultsInFlight() == 0;
    }
}
