// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app.trace;

import io.faultline.model.Token;
import io.faultline.telemetry.TraceParent;
import io.faultline.telemetry.trace.SpanWriter;
import io.faultline.telemetry.trace.TracedWork;
import io.faultline.telemetry.trace.WrittenSpan;
import io.opentelemetry.api.trace.SpanKind;

/** What became of one traced command about a token: a publication, or a completion and the guest's answer to it. */
final class CommandTrace extends TracedWork {
    private final TraceParent parent;
    private final boolean isCompletion;
    private final long vmId;
    private final int vcpuId;
    private final int token;
    private String outcome = "";
    private String refusal = "";
    private long toldNs = NEVER;
    private long acknowledgedNs = NEVER;

    private CommandTrace(TraceParent parent, boolean isCompletion, long vmId, int vcpuId, int token, long receivedNs) {
        super(receivedNs);
        this.parent = parent;
        this.isCompletion = isCompletion;
        this.vmId = vmId;
        this.vcpuId = vcpuId;
        this.token = token;
    }

    static CommandTrace publication(TraceParent parent, long vmId, int vcpuId, int token, long receivedNs) {
        return new CommandTrace(parent, false, vmId, vcpuId, token, receivedNs);
    }

    static CommandTrace completion(TraceParent parent, long vmId, int vcpuId, int token, long receivedNs) {
        return new CommandTrace(parent, true, vmId, vcpuId, token, receivedNs);
    }

    boolean isCompletion() {
        return isCompletion;
    }

    boolean isOf(long otherVmId, int otherVcpuId) {
        return vcpuId == otherVcpuId && vmId == otherVmId;
    }

    boolean isAbout(int otherToken) {
        return token == otherToken;
    }

    /** The guest was told, or will never be. */
    void told(String how, long nowNs) {
        outcome = how;
        toldNs = nowNs;
    }

    /** The command did not happen. */
    void refused(String why, long nowNs) {
        told("refused", nowNs);
        refusal = why;
    }

    /** The guest acknowledged the page-ready. */
    void acknowledged(long nowNs) {
        acknowledgedNs = nowNs;
    }

    /** Nobody will be told any more. */
    void dropped(long nowNs) {
        if (toldNs == NEVER) {
            told("dropped", nowNs);
        }
    }

    @Override
    protected void writeTo(SpanWriter spans) {
        WrittenSpan span = spans.child(parent, isCompletion ? "ready" : "delivery", SpanKind.SERVER)
                .lasting(beganNs(), toldNs)
                .with("faultline.vm.id", vmId)
                .with("faultline.vcpu.id", vcpuId)
                .with("faultline.token", Token.format(token))
                .with("faultline.outcome", outcome);
        if (!refusal.isEmpty()) {
            span.with("faultline.refusal", refusal);
        }
        if (acknowledgedNs != NEVER) {
            spans.child(parent, "acknowledgement", SpanKind.INTERNAL)
                    .lasting(toldNs, acknowledgedNs)
                    .with("faultline.token", Token.format(token));
        }
    }
}
