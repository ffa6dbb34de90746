// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app.metrics;

import io.faultline.model.Refusal;
import io.faultline.model.StepKind;
import io.faultline.notifier.domain.HostEventKind;
import io.faultline.notifier.domain.NotifierCounters;
import io.faultline.notifier.domain.VerdictKind;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.EnumSet;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The meters {@code faultline.notifier.*}: views of the machine's counters, read by any thread. */
public final class NotifierMetrics implements MeterBinder {
    private final NotifierCounters counters;

    /** Meters of one machine. */
    public NotifierMetrics(NotifierCounters counters) {
        this.counters = counters;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("faultline.notifier.vcpus", counters, NotifierCounters::vcpus)
                .description("vCPUs that vcpu-services created")
                .register(registry);
        Gauge.builder("faultline.notifier.vcpus.attached", counters, NotifierCounters::guests)
                .description("vCPUs that a guest is attached to")
                .register(registry);
        FunctionCounter.builder("faultline.notifier.guest.calls.stray", counters, NotifierCounters::strayCalls)
                .description("guest calls on a vCPU that was not attached, without effect")
                .register(registry);
        for (VerdictKind kind : EnumSet.complementOf(EnumSet.of(VerdictKind.NONE))) {
            counter(registry, "verdicts", "answers to vcpu-services", kind, all -> all.verdicts(kind));
        }
        for (Refusal reason : EnumSet.complementOf(EnumSet.of(Refusal.NONE))) {
            FunctionCounter.builder("faultline.notifier.refusals", counters, all -> all.refusals(reason))
                    .description("commands refused")
                    .tag("reason", tag(reason))
                    .register(registry);
        }
        for (HostEventKind kind : EnumSet.complementOf(EnumSet.of(HostEventKind.NONE))) {
            counter(registry, "guest.events", "events sent to guests", kind, all -> all.events(kind));
        }
        for (StepKind kind : EnumSet.of(
                StepKind.DELIVERED, StepKind.CANCELLED, StepKind.READY, StepKind.WOKE_ALL, StepKind.ACKNOWLEDGED)) {
            counter(registry, "notifications", "notifications by what became of them", kind, all -> all.steps(kind));
        }
    }

    private void counter(
            MeterRegistry registry,
            String name,
            String description,
            Enum<?> kind,
            ToDoubleFunction<NotifierCounters> value) {
        FunctionCounter.builder("faultline.notifier." + name, counters, value)
                .description(description)
                .tag("kind", tag(kind))
                .register(registry);
    }

    private static String tag(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
