// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.metrics;

import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import io.faultline.model.Resolution;
import io.faultline.model.SyncReason;
import io.faultline.rpc.ServiceLoop;
import io.faultline.vcpu.app.host.Totals;
import io.faultline.vcpu.app.host.Vms;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * The meters {@code faultline.vcpu.*}. The domain counts in plain fields on the loop; once a second the loop sums them up,
 * and meters read that sum from any thread, so counting costs the fast path nothing.
 */
public final class VcpuMetrics implements MeterBinder {
    private static final long REFRESH_NS = 1_000_000_000;
    private static final String OUTCOMES = "faultline.vcpu.outcomes";

    private final ServiceLoop loop;
    private final Vms vms;
    private volatile Totals totals = new Totals();
    private boolean stopped;

    /** Meters that read 0 before {@link #start}. */
    public VcpuMetrics(ServiceLoop loop, Vms vms) {
        this.loop = loop;
        this.vms = vms;
    }

    /** Begins to sum up; on the loop. */
    public void start() {
        if (!stopped) {
            loop.executeAfter(this::start, REFRESH_NS);
            totals = vms.totals();
        }
    }

    /** Sums up for the last time; on the loop. */
    public void stop() {
        totals = vms.totals();
        stopped = true;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        gauge(registry, "faultline.vcpu.vms", "VMs registered", Totals::vms);
        gauge(registry, "faultline.vcpu.faults.in.flight", "faults without a terminal outcome", Totals::faultsInFlight);
        gauge(registry, "faultline.vcpu.frames.used", "frames in use", Totals::framesInUse);
        Gauge.builder("faultline.vcpu.frames.claimed", this, metrics -> metrics.totals.framesBytes())
                .description("memory that VMs' frames may take")
                .baseUnit("bytes")
                .register(registry);
        counter(registry, "faultline.vcpu.faults", "faults raised", Totals::faults);
        counter(registry, "faultline.vcpu.tokens", "publications accepted", Totals::tokensIssued);
        counter(registry, "faultline.vcpu.fetches", "fetches asked for, retries included", Totals::fetches);
        counter(registry, "faultline.vcpu.pages.written.out", "dirty pages stored", Totals::pagesWrittenOut);
        counter(registry, "faultline.vcpu.pages.dropped.clean", "clean pages dropped", Totals::pagesDroppedClean);
        counter(registry, "faultline.vcpu.pages.found.zero", "dirty pages of zeros only", Totals::pagesFoundZero);
        counter(registry, "faultline.vcpu.pages.taken.back", "write-outs undone by a fault", Totals::pagesTakenBack);
        counter(registry, "faultline.vcpu.stale.messages", "verdicts without effect", Totals::staleMessages);
        counter(registry, "faultline.vcpu.wake.alls", "wake-alls asked for", Totals::wakeAlls);
        bindOutcomes(registry);
    }

    private void bindOutcomes(MeterRegistry registry) {
        for (PageSource source : PageSource.values()) {
            if (source != PageSource.NONE) {
                outcome(registry, "mapped", source, totals -> totals.mapped(source));
            }
        }
        for (Resolution resolution : Resolution.values()) {
            if (resolution != Resolution.NONE) {
                outcome(registry, "resolved", resolution, totals -> totals.resolved(resolution));
            }
        }
        for (FailReason reason : FailReason.values()) {
            if (reason != FailReason.NONE) {
                outcome(registry, "failed", reason, totals -> totals.failed(reason));
            }
        }
        for (SyncReason reason : SyncReason.values()) {
            if (reason != SyncReason.NONE) {
                FunctionCounter.builder(
                                "faultline.vcpu.synchronous", this, metrics -> metrics.totals.synchronous(reason))
                        .description("faults for which the vCPU stood still")
                        .tag("reason", tag(reason))
                        .register(registry);
            }
        }
    }

    private void outcome(MeterRegistry registry, String kind, Enum<?> detail, ToDoubleFunction<Totals> value) {
        FunctionCounter.builder(OUTCOMES, this, metrics -> value.applyAsDouble(metrics.totals))
                .description("faults ended, by how")
                .tag("kind", kind)
                .tag("detail", tag(detail))
                .register(registry);
    }

    private void counter(MeterRegistry registry, String name, String description, ToDoubleFunction<Totals> value) {
        FunctionCounter.builder(name, this, metrics -> value.applyAsDouble(metrics.totals))
                .description(description)
                .register(registry);
    }

    private void gauge(MeterRegistry registry, String name, String description, ToDoubleFunction<Totals> value) {
        Gauge.builder(name, this, metrics -> value.applyAsDouble(metrics.totals))
                .description(description)
                .register(registry);
    }

    private static String tag(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
