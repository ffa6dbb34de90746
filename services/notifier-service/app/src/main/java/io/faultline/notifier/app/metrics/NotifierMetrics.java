// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app.metrics;

import io.faultline.model.Refusal;
import io.faultline.model.StepKind;
import io.faultline.notifier.domain.HostEventKind;
import io.faultline.notifier.domain.NotificationMachine;
import io.faultline.notifier.domain.NotifierCounters;
import io.faultline.notifier.domain.VcpuSurvey;
import io.faultline.notifier.domain.VerdictKind;
import io.faultline.rpc.LoopSnapshot;
import io.faultline.rpc.ServiceLoop;
import io.faultline.telemetry.Meters;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.EnumSet;
import java.util.function.ToDoubleFunction;
import org.springframework.context.SmartLifecycle;

/**
 * The meters {@code faultline.notifier.*}: views of the machine's counters, and of its vCPUs' states as they were within the
 * last second; read by any thread. Started and stopped by Spring.
 */
public final class NotifierMetrics implements MeterBinder, SmartLifecycle {
    private final ServiceLoop loop;
    private final NotifierCounters counters;
    private final LoopSnapshot<VcpuSurvey> survey;
    private volatile boolean running;

    /** Meters of one machine. */
    public NotifierMetrics(ServiceLoop loop, NotificationMachine machine) {
        this.loop = loop;
        counters = machine.counters();
        survey = new LoopSnapshot<>(loop, machine::survey, VcpuSurvey.EMPTY);
    }

    @Override
    public void start() {
        running = true;
        loop.execute(survey::start);
    }

    @Override
    public void stop() {
        running = false;
        loop.execute(survey::stop);
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Meters<NotifierCounters> counts = new Meters<>(registry, () -> counters);
        counts.gauge("faultline.notifier.vcpus", "vCPUs that vcpu-services created", NotifierCounters::vcpus);
        counts.gauge(
                "faultline.notifier.vcpus.attached", "vCPUs that a guest is attached to", NotifierCounters::guests);
        counts.counter(
                "faultline.notifier.guest.calls.stray",
                "guest calls on a vCPU that was not attached, without effect",
                NotifierCounters::strayCalls);
        for (VerdictKind kind : EnumSet.complementOf(EnumSet.of(VerdictKind.NONE))) {
            byKind(counts, "verdicts", "answers to vcpu-services", kind, all -> all.verdicts(kind));
        }
        for (Refusal reason : EnumSet.complementOf(EnumSet.of(Refusal.NONE))) {
            counts.counter(
                    "faultline.notifier.refusals",
                    "commands refused",
                    Tags.of("reason", Meters.tagValue(reason)),
                    all -> all.refusals(reason));
        }
        for (HostEventKind kind : EnumSet.complementOf(EnumSet.of(HostEventKind.NONE))) {
            byKind(counts, "guest.events", "events sent to guests", kind, all -> all.events(kind));
        }
        for (StepKind kind : EnumSet.of(
                StepKind.DELIVERED, StepKind.CANCELLED, StepKind.READY, StepKind.WOKE_ALL, StepKind.ACKNOWLEDGED)) {
            byKind(counts, "notifications", "notifications by what became of them", kind, all -> all.steps(kind));
        }
        bindSurvey(new Meters<>(registry, survey::latest));
    }

    private static void bindSurvey(Meters<VcpuSurvey> meters) {
        meters.gauge("faultline.notifier.vcpus.armed", "vCPUs with asynchronous faults enabled", VcpuSurvey::armed);
        meters.gauge("faultline.notifier.tokens.outstanding", "tokens published and not ended", VcpuSurvey::tokens);
        meters.gauge(
                "faultline.notifier.completions.waiting",
                "completions that wait to become page-ready",
                VcpuSurvey::completions);
        byState(meters, "no_guest", VcpuSurvey::noGuest);
        byState(meters, "masked", VcpuSurvey::masked);
        byState(meters, "running", VcpuSurvey::running);
        byState(meters, "unregistered", VcpuSurvey::unregistered);
        byState(meters, "disabled", VcpuSurvey::disabled);
        byState(meters, "ready", VcpuSurvey::ready);
    }

    private static void byState(Meters<VcpuSurvey> meters, String state, ToDoubleFunction<VcpuSurvey> value) {
        meters.gauge("faultline.notifier.sdei.vcpus", "vCPUs by SDEI state", Tags.of("state", state), value);
    }

    private static void byKind(
            Meters<NotifierCounters> meters,
            String name,
            String description,
            Enum<?> kind,
            ToDoubleFunction<NotifierCounters> value) {
        meters.counter("faultline.notifier." + name, description, Tags.of("kind", Meters.tagValue(kind)), value);
    }
}
