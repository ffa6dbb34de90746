// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.metrics;

import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import io.faultline.model.Resolution;
import io.faultline.model.SyncReason;
import io.faultline.rpc.LoopSnapshot;
import io.faultline.rpc.ServiceLoop;
import io.faultline.telemetry.Meters;
import io.faultline.vcpu.app.grpc.FaultDesk;
import io.faultline.vcpu.app.host.Totals;
import io.faultline.vcpu.app.host.Vms;
import io.faultline.vcpu.app.workingset.WorkingSets;
import io.faultline.vcpu.domain.prefetch.HintSource;
import io.faultline.vcpu.domain.prefetch.PrefetchCounters;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.EnumSet;
import java.util.function.ToDoubleFunction;

/**
 * The meters {@code faultline.vcpu.*}. The domain counts in plain fields on the loop; once a second the loop sums them up,
 * and meters read that sum from any thread, so counting costs the fast path nothing.
 */
public final class VcpuMetrics implements MeterBinder {
    private static final String OUTCOMES = "faultline.vcpu.outcomes";

    private final FaultDesk desk;
    private final WorkingSets workingSets;
    private final LoopSnapshot<Totals> totals;

    /** Meters that read 0 before {@link #start}. */
    public VcpuMetrics(ServiceLoop loop, Vms vms, FaultDesk desk, WorkingSets workingSets) {
        this.desk = desk;
        this.workingSets = workingSets;
        totals = new LoopSnapshot<>(loop, vms::totals, new Totals());
    }

    /** Begins to sum up; on the loop. */
    public void start() {
        totals.start();
    }

    /** Sums up for the last time; on the loop. */
    public void stop() {
        totals.stop();
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Meters<Totals> meters = new Meters<>(registry, totals::latest);
        meters.gauge("faultline.vcpu.vms", "VMs registered", Totals::vms);
        meters.gauge("faultline.vcpu.vcpus", "vCPUs of the registered VMs", Totals::vcpus);
        meters.gauge("faultline.vcpu.works", "tokens drawn and not ended, of all vCPUs", Totals::works);
        meters.gauge("faultline.vcpu.faults.in.flight", "faults without a terminal outcome", Totals::faultsInFlight);
        meters.gauge("faultline.vcpu.frames.used", "frames in use", Totals::framesInUse);
        meters.gauge("faultline.vcpu.frames.limit", "frames that the registered VMs have", Totals::framesLimit);
        meters.gauge("faultline.vcpu.frames.waiting", "pages that wait for a free frame", Totals::framesAwaited);
        meters.bytes("faultline.vcpu.frames.claimed", "memory that VMs' frames may take", Totals::framesBytes);
        meters.counter("faultline.vcpu.faults", "faults raised", all -> all.faults() + refused());
        meters.counter("faultline.vcpu.tokens", "publications accepted", Totals::tokensIssued);
        meters.counter("faultline.vcpu.fetches", "fetches asked for, retries included", Totals::fetches);
        meters.counter("faultline.vcpu.pages.written.out", "dirty pages stored", Totals::pagesWrittenOut);
        meters.counter("faultline.vcpu.pages.dropped.clean", "clean pages dropped", Totals::pagesDroppedClean);
        meters.counter("faultline.vcpu.pages.found.zero", "dirty pages of zeros only", Totals::pagesFoundZero);
        meters.counter("faultline.vcpu.pages.taken.back", "write-outs undone by a fault", Totals::pagesTakenBack);
        meters.counter("faultline.vcpu.stale.messages", "verdicts without effect", Totals::staleMessages);
        meters.counter("faultline.vcpu.wake.alls", "wake-alls asked for", Totals::wakeAlls);
        meters.counter(
                "faultline.vcpu.outcomes.dropped", "outcomes whose client was gone", _ -> desk.outcomesDropped());
        imported(meters, "stored", Totals::pagesImportedStored);
        imported(meters, "zero", Totals::pagesImportedZero);
        imported(meters, "duplicate", Totals::pagesImportedDuplicate);
        bindOutcomes(meters);
        meters.gauge("faultline.vcpu.working.set.pages", "pages touched that are remembered", Totals::workingSetPages);
        files(meters, "saved", WorkingSets::saved);
        files(meters, "loaded", WorkingSets::loaded);
        files(meters, "failed", WorkingSets::failed);
        for (HintSource by : HintSource.values()) {
            prefetch(meters, by, "issued", PrefetchCounters::issued);
            prefetch(meters, by, "timely", PrefetchCounters::timely);
            prefetch(meters, by, "late", PrefetchCounters::late);
            prefetch(meters, by, "unused", PrefetchCounters::unused);
            prefetch(meters, by, "refused", PrefetchCounters::refused);
        }
    }

    private static void imported(Meters<Totals> meters, String kind, ToDoubleFunction<Totals> value) {
        meters.counter("faultline.vcpu.pages.imported", "pages of memory images", Tags.of("kind", kind), value);
    }

    private void files(Meters<Totals> meters, String outcome, ToDoubleFunction<WorkingSets> value) {
        meters.counter(
                "faultline.vcpu.working.set.files",
                "files of working sets",
                Tags.of("outcome", outcome),
                _ -> value.applyAsDouble(workingSets));
    }

    private static void prefetch(
            Meters<Totals> meters, HintSource by, String outcome, ToDoubleFunction<PrefetchCounters> value) {
        meters.counter(
                "faultline.vcpu.prefetches",
                "pages hinted at ahead of demand, by why and by what came of them",
                Tags.of("by", Meters.tagValue(by), "outcome", outcome),
                all -> value.applyAsDouble(all.prefetches(by)));
    }

    private void bindOutcomes(Meters<Totals> meters) {
        for (PageSource source : EnumSet.complementOf(EnumSet.of(PageSource.NONE))) {
            outcome(meters, "mapped", source, all -> all.mapped(source));
        }
        for (Resolution resolution : EnumSet.complementOf(EnumSet.of(Resolution.NONE))) {
            outcome(meters, "resolved", resolution, all -> all.resolved(resolution));
        }
        for (FailReason reason : EnumSet.complementOf(EnumSet.of(FailReason.NONE))) {
            outcome(meters, "failed", reason, all -> all.failed(reason) + desk.refused(reason));
        }
        for (SyncReason reason : EnumSet.complementOf(EnumSet.of(SyncReason.NONE))) {
            meters.counter(
                    "faultline.vcpu.synchronous",
                    "faults for which the vCPU stood still",
                    Tags.of("reason", Meters.tagValue(reason)),
                    all -> all.synchronous(reason));
        }
    }

    private static void outcome(Meters<Totals> meters, String kind, Enum<?> detail, ToDoubleFunction<Totals> value) {
        meters.counter(
                OUTCOMES, "faults ended, by how", Tags.of("kind", kind, "detail", Meters.tagValue(detail)), value);
    }

    /** Faults that no VM counted. */
    private long refused() {
        long refused = 0;
        for (FailReason reason : FailReason.values()) {
            refused += desk.refused(reason);
        }
        return refused;
    }
}
