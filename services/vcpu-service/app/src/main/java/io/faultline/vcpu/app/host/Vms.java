// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.host;

import io.faultline.rpc.access.Caller;
import io.faultline.vcpu.domain.MachineSpec;
import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The VMs registered here, and the bounds on them. Loop thread only. */
public final class Vms {
    private final long framesMaxBytes;
    private final int vmsMax;
    private final int vcpusMax;
    private final LongObjectMap<HostedVm> byId = new LongObjectHashMap<>();
    private final Totals ended = new Totals();
    private long framesBytes;
    private int vcpus;

    /**
     * No VMs yet, and never more than {@code vmsMax} with {@code vcpusMax} vCPUs and {@code framesMaxBytes} of frames together.
     */
    public Vms(long framesMaxBytes, int vmsMax, int vcpusMax) {
        this.framesMaxBytes = framesMaxBytes;
        this.vmsMax = vmsMax;
        this.vcpusMax = vcpusMax;
    }

    /** The VM of an id, or null. */
    public @Nullable HostedVm find(long vmId) {
        return byId.get(vmId);
    }

    /** All VMs, in no order. */
    public Collection<HostedVm> all() {
        return byId.values();
    }

    /** How many VMs may be registered. */
    public int vmsMax() {
        return vmsMax;
    }

    /** How many vCPUs they may have together. */
    public int vcpusMax() {
        return vcpusMax;
    }

    /** How many more vCPUs there may be. */
    public int vcpusFree() {
        return vcpusMax - vcpus;
    }

    /** How many bytes all VMs' frames may take together. */
    public long framesMaxBytes() {
        return framesMaxBytes;
    }

    /** How many of them no VM has claimed yet. */
    public long framesFreeBytes() {
        return framesMaxBytes - framesBytes;
    }

    /**
     * Begins a VM whose id is free and whose frames have room.
     *
     * @param registrant who may use it
     * @param registered runs once, when the notification plane knows the VM or cannot be asked
     * @throws IllegalArgumentException for a spec that the machine refuses
     * @throws IllegalStateException when the id is in use or a bound is reached
     */
    public HostedVm register(MachineSpec spec, Caller registrant, Planes planes, Runnable registered, long nowNs) {
        HostedVm vm = new HostedVm(spec, registrant, planes);
        boolean hasRoom =
                byId.size() < vmsMax && spec.vcpuIds().size() <= vcpusFree() && vm.framesBytes() <= framesFreeBytes();
        if (byId.containsKey(vm.id()) || !hasRoom) {
            throw new IllegalStateException("vm: " + vm.id() + " (expected: a free id, and room)");
        }
        byId.put(vm.id(), vm);
        framesBytes += vm.framesBytes();
        vcpus += spec.vcpuIds().size();
        vm.open(planes.notifications().isConnected(), registered, nowNs);
        return vm;
    }

    /** Ends a VM: its faults fail, its memory is given back. */
    public void unregister(HostedVm vm, long nowNs) {
        byId.remove(vm.id());
        framesBytes -= vm.framesBytes();
        vcpus -= vm.spec().vcpuIds().size();
        vm.close(nowNs);
        ended.add(vm.machine());
    }

    /** The notifier is connected (again). */
    public void notifierConnected(long nowNs) {
        List.copyOf(byId.values()).forEach(vm -> vm.machine().notifierConnected(nowNs));
    }

    /** The notifier's connection is lost. */
    public void notifierLost(long nowNs) {
        List.copyOf(byId.values()).forEach(vm -> vm.machine().notifierLost(nowNs));
    }

    /** Lets time pass for every VM; says whether any waits for more of it. */
    public boolean tick(long nowNs) {
        boolean waiting = false;
        for (HostedVm vm : byId.values()) {
            vm.machine().tick(nowNs);
            waiting |= vm.isWaiting();
        }
        return waiting;
    }

    /** Faults raised and not ended, of all VMs. */
    public int faultsInFlight() {
        int faults = 0;
        for (HostedVm vm : byId.values()) {
            faults += vm.machine().faultsInFlight();
        }
        return faults;
    }

    /** What all VMs did since the service began, those that ended included. */
    public Totals totals() {
        Totals totals = new Totals();
        totals.add(ended);
        for (HostedVm vm : byId.values()) {
            totals.add(vm.machine());
            totals.addNow(vm.machine());
        }
        totals.vms = byId.size();
        totals.framesBytes = framesBytes;
        return totals;
    }
}
