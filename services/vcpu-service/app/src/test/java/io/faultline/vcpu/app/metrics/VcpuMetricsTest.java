// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.Access;
import io.faultline.model.PageSize;
import io.faultline.model.Privilege;
import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.access.Caller;
import io.faultline.telemetry.trace.TraceQueue;
import io.faultline.vcpu.app.grpc.FaultDesk;
import io.faultline.vcpu.app.host.FaultTimers;
import io.faultline.vcpu.app.host.FaultTraces;
import io.faultline.vcpu.app.host.HostedVm;
import io.faultline.vcpu.app.host.NoNotifications;
import io.faultline.vcpu.app.host.NoOutcomes;
import io.faultline.vcpu.app.host.Planes;
import io.faultline.vcpu.app.host.StuckTiers;
import io.faultline.vcpu.app.host.Vms;
import io.faultline.vcpu.app.workingset.WorkingSets;
import io.faultline.vcpu.domain.MachineSpec;
import io.faultline.vcpu.domain.Memslot;
import io.faultline.vcpu.domain.Vcpu;
import io.faultline.vcpu.domain.prefetch.WorkingSetBudget;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class VcpuMetricsTest {
    @AutoClose
    private final ServiceLoop loop = ServiceLoop.start("test");

    @AutoClose
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    private final Vms vms = new Vms(1 << 20, 4, 100);
    private final VcpuMetrics metrics = new VcpuMetrics(
            loop,
            vms,
            new FaultDesk(
                    vms,
                    new FaultTimers(),
                    new FaultTraces(0, TraceQueue.off()),
                    loop::nowNs,
                    new FaultDesk.Limits(1000, 1000)),
            new WorkingSets(loop, vms, new WorkingSetBudget(0, 1), null));

    @Test
    void theNamesAreThese() {
        metrics.bindTo(registry);

        assertThat(registry.getMeters())
                .extracting(meter -> meter.getId().getName())
                .containsOnly(
                        "faultline.vcpu.vms",
                        "faultline.vcpu.vcpus",
                        "faultline.vcpu.works",
                        "faultline.vcpu.frames.limit",
                        "faultline.vcpu.frames.waiting",
                        "faultline.vcpu.outcomes.dropped",
                        "faultline.vcpu.faults.in.flight",
                        "faultline.vcpu.frames.used",
                        "faultline.vcpu.frames.claimed",
                        "faultline.vcpu.faults",
                        "faultline.vcpu.tokens",
                        "faultline.vcpu.fetches",
                        "faultline.vcpu.prefetches",
                        "faultline.vcpu.working.set.files",
                        "faultline.vcpu.working.set.pages",
                        "faultline.vcpu.pages.written.out",
                        "faultline.vcpu.pages.dropped.clean",
                        "faultline.vcpu.pages.found.zero",
                        "faultline.vcpu.pages.taken.back",
                        "faultline.vcpu.pages.imported",
                        "faultline.vcpu.stale.messages",
                        "faultline.vcpu.wake.alls",
                        "faultline.vcpu.outcomes",
                        "faultline.vcpu.synchronous");
    }

    @Test
    void tagsAreOfAFewValuesOnly() {
        metrics.bindTo(registry);

        TreeSet<String> keys = new TreeSet<>();
        for (Meter meter : registry.getMeters()) {
            meter.getId().getTags().stream().map(Tag::getKey).forEach(keys::add);
        }
        assertThat(keys).containsExactly("by", "detail", "kind", "outcome", "reason");
        assertThat(registry.getMeters()).hasSizeLessThan(80);
    }

    @Test
    void aVmsCountsStayWhenItEnds() {
        HostedVm vm = vms.register(
                new MachineSpec(
                        1,
                        List.of(new Memslot(0, 0, 64, false)),
                        List.of(0),
                        64,
                        PageSize.SIZE_4K,
                        1,
                        17,
                        true,
                        1_000,
                        0,
                        1),
                Caller.ANYONE,
                new Planes(new NoOutcomes(), new StuckTiers(), new NoNotifications(), step -> {}),
                () -> {},
                0);
        Vcpu vcpu = Objects.requireNonNull(vm.machine().vcpu(0));
        vcpu.raise(1, 0, Access.WRITE, Privilege.USER, false, 0);
        vcpu.raise(2, 4096, Access.WRITE, Privilege.USER, false, 0);
        metrics.bindTo(registry);

        metrics.stop();
        assertThat(registry.get("faultline.vcpu.vms").gauge().value()).isEqualTo(1);
        assertThat(registry.get("faultline.vcpu.frames.used").gauge().value()).isEqualTo(2);
        assertThat(registry.get("faultline.vcpu.frames.claimed").gauge().value())
                .isEqualTo(64 * 4096);
        vms.unregister(vm, 0);
        metrics.stop();

        assertThat(registry.get("faultline.vcpu.vms").gauge().value()).isZero();
        assertThat(registry.get("faultline.vcpu.frames.used").gauge().value()).isZero();
        assertThat(registry.get("faultline.vcpu.outcomes")
                        .tags("kind", "mapped", "detail", "zero_fill")
                        .functionCounter()
                        .count())
                .isEqualTo(2);
    }
}
