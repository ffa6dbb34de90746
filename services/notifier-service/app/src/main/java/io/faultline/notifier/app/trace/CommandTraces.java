// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app.trace;

import io.faultline.model.AuditStep;
import io.faultline.notifier.domain.Verdict;
import io.faultline.telemetry.Meters;
import io.faultline.telemetry.TraceParent;
import io.faultline.telemetry.trace.TraceQueue;
import io.faultline.telemetry.trace.TraceTable;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Follows the publications and completions of traced faults until the guest has answered. It learns what becomes of them from the
 * machine's verdicts and audit steps, since the machine itself knows neither time nor traces. Loop thread only.
 */
public final class CommandTraces {
    private final LongSupplier clockNs;
    private final TraceTable<CommandTrace> open;

    /**
     * Follows nothing yet.
     *
     * @param clockNs the loop's time, in nanoseconds
     */
    public CommandTraces(TraceQueue queue, LongSupplier clockNs) {
        this.clockNs = clockNs;
        open = new TraceTable<>(queue);
    }

    /** A publication of a traced fault was received. */
    public void publishing(TraceParent parent, long vmId, int vcpuId, int token) {
        open.add(CommandTrace.publication(parent, vmId, vcpuId, token, clockNs.getAsLong()));
    }

    /** A completion of a traced fault was received. */
    public void completing(TraceParent parent, long vmId, int vcpuId, int token) {
        open.add(CommandTrace.completion(parent, vmId, vcpuId, token, clockNs.getAsLong()));
    }

    /** The machine answered a command. */
    public void verdict(Verdict verdict) {
        if (open.isEmpty()) {
            return;
        }
        switch (verdict.kind()) {
            case REFUSED -> refused(verdict, Meters.tagValue(verdict.refusal()));
            case STALE, UNKNOWN, ALREADY -> refused(verdict, Meters.tagValue(verdict.kind()));
            default -> {
                // A step says when it was.
            }
        }
    }

    /** The machine took a step. */
    public void step(AuditStep step) {
        if (open.isEmpty()) {
            return;
        }
        long nowNs = clockNs.getAsLong();
        switch (step.kind()) {
            case DELIVERED -> end(step, false, "delivered", nowNs);
            case CANCELLED -> {
                end(step, false, "cancelled", nowNs);
                end(step, true, "cancelled", nowNs);
            }
            case READY -> {
                CommandTrace completion = find(step.vmId(), step.vcpuId(), step.token(), true);
                if (completion != null) {
                    completion.told("ready", nowNs);
                }
            }
            case ACKNOWLEDGED -> {
                CommandTrace completion = find(step.vmId(), step.vcpuId(), step.token(), true);
                if (completion != null) {
                    completion.acknowledged(nowNs);
                    open.end(completion);
                }
            }
            case DISABLED, GUEST_DETACHED, CLOSED -> drop(step.vmId(), step.vcpuId(), nowNs);
            default -> {
                // Says nothing of commands.
            }
        }
    }

    private void end(AuditStep step, boolean isCompletion, String how, long nowNs) {
        CommandTrace trace = find(step.vmId(), step.vcpuId(), step.token(), isCompletion);
        if (trace != null) {
            trace.told(how, nowNs);
            open.end(trace);
        }
    }

    /* A token is completed after it is published: where both are open, the answer is to the completion. */
    private void refused(Verdict verdict, String why) {
        CommandTrace trace = find(verdict.vmId(), verdict.vcpuId(), verdict.token(), true);
        if (trace == null) {
            trace = find(verdict.vmId(), verdict.vcpuId(), verdict.token(), false);
        }
        if (trace != null) {
            trace.refused(why, clockNs.getAsLong());
            open.end(trace);
        }
    }

    private void drop(long vmId, int vcpuId, long nowNs) {
        for (int i = open.size() - 1; i >= 0; i--) {
            CommandTrace trace = open.get(i);
            if (trace.isOf(vmId, vcpuId)) {
                trace.dropped(nowNs);
                open.end(trace);
            }
        }
    }

    private @Nullable CommandTrace find(long vmId, int vcpuId, int token, boolean isCompletion) {
        for (int i = 0; i < open.size(); i++) {
            CommandTrace trace = open.get(i);
            if (trace.isAbout(token) && trace.isOf(vmId, vcpuId) && trace.isCompletion() == isCompletion) {
                return trace;
            }
        }
        return null;
    }
}
