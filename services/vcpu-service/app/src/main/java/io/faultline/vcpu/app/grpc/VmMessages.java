// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import io.faultline.model.AsyncPf;
import io.faultline.model.PageSize;
import io.faultline.proto.vcpu.v1.Memslot;
import io.faultline.proto.vcpu.v1.Vm;
import io.faultline.proto.vcpu.v1.VmCounters;
import io.faultline.proto.vcpu.v1.VmPrefetchCounters;
import io.faultline.proto.vcpu.v1.VmSpec;
import io.faultline.vcpu.app.host.HostedVm;
import io.faultline.vcpu.app.host.TierQuota;
import io.faultline.vcpu.domain.Counters;
import io.faultline.vcpu.domain.MachineSpec;
import io.faultline.vcpu.domain.VirtualMachine;
import io.faultline.vcpu.domain.prefetch.HintSource;
import io.faultline.vcpu.domain.prefetch.PrefetchCounters;
import java.util.concurrent.TimeUnit;

/** Translates VMs between the wire and the domain. */
final class VmMessages {
    private static final int FETCH_DEADLINE_MS_DEFAULT = 10_000;

    private VmMessages() {}

    /** A spec that {@link VmSpecCheck} found nothing wrong with, defaults filled in. */
    static MachineSpec spec(VmSpec spec, int prefetchPagesDefault, long registeredUnixUs) {
        return new MachineSpec(
                spec.getVmId(),
                spec.getMemslotsList().stream().map(VmMessages::memslot).toList(),
                spec.getVcpuIdsList(),
                (int) spec.getResidentPagesMax(),
                PageSize.ofBytes(spec.getPageSizeBytes()),
                orDefault(spec.getSdeiEvent(), AsyncPf.DEFAULT_SDEI_EVENT),
                orDefault(spec.getPageReadyInterrupt(), AsyncPf.DEFAULT_INTERRUPT),
                !spec.getNoIrqchip(),
                TimeUnit.MILLISECONDS.toNanos(orDefault(spec.getFetchDeadlineMs(), FETCH_DEADLINE_MS_DEFAULT)),
                spec.hasPrefetchPagesMax() ? spec.getPrefetchPagesMax() : prefetchPagesDefault,
                registeredUnixUs);
    }

    /** The quota in such a spec. */
    static TierQuota tierQuota(VmSpec spec) {
        io.faultline.proto.vcpu.v1.TierQuota quota = spec.getTierQuota();
        return new TierQuota(
                orDefault(quota.getWeight(), TierQuota.DEFAULT.weight()),
                quota.getDramMaxBytes(),
                quota.getCompressedMaxBytes());
    }

    /** A memslot that {@link VmSpecCheck} found nothing wrong with. */
    static io.faultline.vcpu.domain.Memslot memslot(Memslot memslot) {
        return new io.faultline.vcpu.domain.Memslot(
                memslot.getSlot(), memslot.getBaseGfn(), memslot.getPages(), memslot.getReadOnly());
    }

    /** A VM as it is now. */
    static Vm vm(HostedVm vm) {
        MachineSpec spec = vm.spec();
        VmSpec.Builder now = VmSpec.newBuilder()
                .setVmId(spec.vmId())
                .addAllVcpuIds(spec.vcpuIds())
                .setResidentPagesMax(spec.residentPagesMax())
                .setPageSizeBytes(spec.pageSize().bytes())
                .setSdeiEvent(spec.sdeiEvent())
                .setPageReadyInterrupt(spec.pageReadyInterrupt())
                .setNoIrqchip(!spec.irqchip())
                .setPrefetchPagesMax(spec.prefetchPagesMax())
                .setFetchDeadlineMs((int) TimeUnit.NANOSECONDS.toMillis(spec.fetchDeadlineNs()))
                .setTierQuota(io.faultline.proto.vcpu.v1.TierQuota.newBuilder()
                        .setWeight(vm.tierQuota().weight())
                        .setDramMaxBytes(vm.tierQuota().dramMaxBytes())
                        .setCompressedMaxBytes(vm.tierQuota().compressedMaxBytes()));
        for (io.faultline.vcpu.domain.Memslot memslot : vm.machine().memslots()) {
            now.addMemslots(Memslot.newBuilder()
                    .setSlot(memslot.slot())
                    .setBaseGfn(memslot.baseGfn())
                    .setPages(memslot.pages())
                    .setReadOnly(memslot.readOnly()));
        }
        return Vm.newBuilder()
                .setSpec(now)
                .setCounters(counters(vm.machine()))
                .setRegisteredUnixUs(spec.registeredUnixUs())
                .build();
    }

    /** A VM's counters as they are now. */
    static VmCounters counters(VirtualMachine machine) {
        Counters counters = machine.counters();
        return VmCounters.newBuilder()
                .setFaults(counters.faults())
                .setTokensIssued(counters.tokensIssued())
                .setResidentPages(machine.framesInUse())
                .setPagesWrittenOut(counters.pagesWrittenOut())
                .setPagesDroppedClean(counters.pagesDroppedClean())
                .setPagesTakenBack(counters.pagesTakenBack())
                .setFetches(counters.fetches())
                .setFaultsInFlight(machine.faultsInFlight())
                .setStaleMessages(counters.staleMessages())
                .setWakeAlls(counters.wakeAlls())
                .setPrefetch(prefetch(counters.prefetches(HintSource.TREND)))
                .setWorkingSetPrefetch(prefetch(counters.prefetches(HintSource.WORKING_SET)))
                .build();
    }

    private static VmPrefetchCounters prefetch(PrefetchCounters counters) {
        return VmPrefetchCounters.newBuilder()
                .setIssued(counters.issued())
                .setTimely(counters.timely())
                .setLate(counters.late())
                .setUnused(counters.unused())
                .setRefused(counters.refused())
                .build();
    }

    private static int orDefault(int value, int otherwise) {
        return value == 0 ? otherwise : value;
    }
}
