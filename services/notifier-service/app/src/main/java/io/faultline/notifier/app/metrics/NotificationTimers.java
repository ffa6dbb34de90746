// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app.metrics;

import io.faultline.model.AsyncPf;
import io.faultline.model.AuditStep;
import io.faultline.notifier.domain.Verdict;
import io.faultline.notifier.domain.VerdictKind;
import io.faultline.telemetry.HistogramFamily;
import io.faultline.telemetry.LoopHistogram;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The timers {@code faultline.notifier.*}: how long it takes to tell guests, and guests to answer. Follows the machine's audit
 * steps, since the machine itself knows no time. Recorded by the loop, read by any thread.
 */
public final class NotificationTimers implements MeterBinder {
    private final LongSupplier clockNs;
    private final HistogramFamily deliveries = HistogramFamily.ofDurations(
            "faultline.notifier.delivery", "publication accepted, to the event on its way or taken back");
    private final HistogramFamily readies = HistogramFamily.ofDurations(
            "faultline.notifier.ready", "completion received, to the page-ready interrupt on its way");
    private final HistogramFamily acknowledgements = HistogramFamily.ofDurations(
            "faultline.notifier.acknowledgement", "page-ready interrupt on its way, to the guest's acknowledgement");
    private final LoopHistogram delivered = deliveries.with("outcome", "delivered");
    private final LoopHistogram cancelled = deliveries.with("outcome", "cancelled");
    private final LoopHistogram ready = readies.with();
    private final LoopHistogram acknowledged = acknowledgements.with();
    private final LongObjectMap<IntObjectMap<VcpuTimes>> vms = new LongObjectHashMap<>();

    /**
     * Timers that have recorded nothing.
     *
     * @param clockNs the loop's time, in nanoseconds
     */
    public NotificationTimers(LongSupplier clockNs) {
        this.clockNs = clockNs;
    }

    /** The machine answered a command; on the loop. */
    public void verdict(Verdict verdict) {
        switch (verdict.kind()) {
            case ACCEPTED, UNKNOWN, ALREADY -> {
                VcpuTimes times = find(verdict.vmId(), verdict.vcpuId());
                if (times != null && verdict.kind() == VerdictKind.ACCEPTED) {
                    times.acceptedNs = clockNs.getAsLong();
                } else if (times != null) {
                    times.completions.remove(verdict.token());
                }
            }
            default -> {
                // Says nothing of times.
            }
        }
    }

    /** A completion was received; on the loop. */
    public void completing(long vmId, int vcpuId, int token) {
        VcpuTimes times = find(vmId, vcpuId);
        if (times != null) {
            times.completions.add(token, clockNs.getAsLong());
        }
    }

    /** The machine took a step; on the loop. */
    public void step(AuditStep step) {
        switch (step.kind()) {
            case OPENED -> open(step.vmId(), step.vcpuId());
            case CLOSED -> close(step.vmId(), step.vcpuId());
            case DELIVERED, CANCELLED, READY, WOKE_ALL, ACKNOWLEDGED, DISABLED, GUEST_DETACHED -> {
                VcpuTimes times = find(step.vmId(), step.vcpuId());
                if (times != null) {
                    time(times, step);
                }
            }
            default -> {
                // Takes no time of anybody's.
            }
        }
    }

    private void time(VcpuTimes times, AuditStep step) {
        long nowNs = clockNs.getAsLong();
        switch (step.kind()) {
            case DELIVERED -> delivered.record(nowNs - times.acceptedNs);
            case CANCELLED -> {
                cancelled.record(nowNs - times.acceptedNs);
                times.completions.remove(step.token());
            }
            case READY -> {
                long completedNs = times.completions.remove(step.token());
                if (completedNs != Completions.NEVER) {
                    ready.record(nowNs - completedNs);
                }
                times.readyNs = nowNs;
            }
            case WOKE_ALL -> times.readyNs = nowNs;
            case ACKNOWLEDGED -> acknowledged.record(nowNs - times.readyNs);
            default -> times.completions.clear();
        }
    }

    private void open(long vmId, int vcpuId) {
        IntObjectMap<VcpuTimes> vcpus = vms.get(vmId);
        if (vcpus == null) {
            vcpus = new IntObjectHashMap<>();
            vms.put(vmId, vcpus);
        }
        vcpus.put(vcpuId, new VcpuTimes());
    }

    private void close(long vmId, int vcpuId) {
        IntObjectMap<VcpuTimes> vcpus = vms.get(vmId);
        if (vcpus != null) {
            vcpus.remove(vcpuId);
            if (vcpus.isEmpty()) {
                vms.remove(vmId);
            }
        }
    }

    private @Nullable VcpuTimes find(long vmId, int vcpuId) {
        IntObjectMap<VcpuTimes> vcpus = vms.get(vmId);
        return vcpus == null ? null : vcpus.get(vcpuId);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        List.of(deliveries, readies, acknowledgements).forEach(family -> family.bindTo(registry));
    }

    /** What one vCPU waits for, and since when: at most one publication and one acknowledgement. */
    private static final class VcpuTimes {
        private final Completions completions = new Completions();
        private long acceptedNs;
        private long readyNs;
    }

    /** One vCPU's completions that are not told yet, by token: at most as many as it may have works. */
    private static final class Completions {
        private static final long NEVER = Long.MIN_VALUE;

        private final int[] tokens = new int[AsyncPf.WORKS_PER_VCPU];
        private final long[] receivedNs = new long[AsyncPf.WORKS_PER_VCPU];
        private int size;

        void add(int token, long nowNs) {
            if (size < tokens.length) {
                tokens[size] = token;
                receivedNs[size] = nowNs;
                size++;
            }
        }

        long remove(int token) {
            for (int i = 0; i < size; i++) {
                if (tokens[i] == token) {
                    long found = receivedNs[i];
                    size--;
                    tokens[i] = tokens[size];
                    receivedNs[i] = receivedNs[size];
                    return found;
                }
            }
            return NEVER;
        }

        void clear() {
            size = 0;
        }
    }
}
