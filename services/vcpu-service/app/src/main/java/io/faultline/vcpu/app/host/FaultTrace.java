// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.host;

import io.faultline.model.PageSource;
import io.faultline.model.Refusal;
import io.faultline.model.Token;
import io.faultline.telemetry.Meters;
import io.faultline.telemetry.TraceParent;
import io.faultline.telemetry.trace.SpanIds;
import io.faultline.telemetry.trace.SpanWriter;
import io.faultline.telemetry.trace.TracedWork;
import io.faultline.telemetry.trace.WrittenSpan;
import io.opentelemetry.api.trace.SpanKind;
import org.jspecify.annotations.Nullable;

/**
 * A fault that is traced: the span of the whole, and one of each phase that it went through, as {@link FaultTimers} times them.
 * What goes to other planes bears the id of its phase's span, so that their spans are its children.
 */
public final class FaultTrace extends TracedWork {
    private final TraceParent whole;
    private final TraceParent publish;
    private final TraceParent fetch;
    private final TraceParent notify;
    private final long vmId;
    private final int vcpuId;
    private final long gfn;

    private int token = Token.NONE;
    private long refusedNs = FaultTimes.NEVER;
    private @Nullable Refusal refusal;
    private long fetchingNs = FaultTimes.NEVER;
    private long completedNs = FaultTimes.NEVER;

    private @Nullable End end;

    /** A fault that was raised, the first of its trace. */
    FaultTrace(SpanIds ids, long vmId, int vcpuId, long gfn, long raisedNs) {
        super(raisedNs);
        whole = new TraceParent(ids.next(), ids.next(), ids.next());
        publish = whole.sibling(ids.next());
        fetch = whole.sibling(ids.next());
        notify = whole.sibling(ids.next());
        this.vmId = vmId;
        this.vcpuId = vcpuId;
        this.gfn = gfn;
    }

    /** The span of the whole fault. */
    public TraceParent whole() {
        return whole;
    }

    /** Its token is about to be published; the span of that. */
    public TraceParent publishing(int newToken) {
        token = newToken;
        return publish;
    }

    /** Its publication was refused. */
    public void refused(Refusal why, long nowNs) {
        refusedNs = nowNs;
        refusal = why;
    }

    /** Its page is about to be fetched, maybe not for the first time; the span of that. */
    public TraceParent fetching(long nowNs) {
        if (fetchingNs == FaultTimes.NEVER) {
            fetchingNs = nowNs;
        }
        return fetch;
    }

    /** Its completion is about to be told; the span of that. */
    public TraceParent completing(long nowNs) {
        completedNs = nowNs;
        return notify;
    }

    /** It has its terminal outcome. */
    void ended(FaultTimes times, FaultEnd how, long nowNs) {
        end = new End(times.decidedNs, times.acceptedNs, times.arrivedNs, times.mappedNs, how, nowNs);
    }

    @Override
    protected void writeTo(SpanWriter spans) {
        End ended = end;
        if (ended == null) {
            throw new IllegalStateException("trace " + whole.traceIdText() + ": not ended");
        }
        writeWhole(spans, ended);
        if (ended.how.isImmediate()) {
            return;
        }
        phase(spans, "queue", beganNs(), ended.decidedNs);
        if (token != Token.NONE) {
            writePublish(spans, ended);
        }
        if (ended.arrivedNs != FaultTimes.NEVER || fetchingNs != FaultTimes.NEVER) {
            spans.child(whole, fetch, "fetch", SpanKind.CLIENT)
                    .lasting(ended.decidedNs, orEnd(ended.arrivedNs, ended))
                    .with("faultline.source", Meters.tagValue(ended.how.source()));
        }
        if (ended.arrivedNs != FaultTimes.NEVER && ended.mappedNs != FaultTimes.NEVER) {
            phase(spans, "map", ended.arrivedNs, ended.mappedNs);
        }
        if (completedNs != FaultTimes.NEVER) {
            spans.child(whole, notify, "notify", SpanKind.CLIENT).lasting(completedNs, ended.endedNs);
        }
    }

    private void writeWhole(SpanWriter spans, End ended) {
        WrittenSpan span = spans.root(whole, "fault", SpanKind.SERVER)
                .lasting(beganNs(), ended.endedNs)
                .with("faultline.vm.id", vmId)
                .with("faultline.vcpu.id", vcpuId)
                .with("faultline.gfn", "0x" + Long.toHexString(gfn))
                .with("faultline.outcome", ended.how.outcome())
                .with("faultline.reason", ended.how.reason());
        if (token != Token.NONE) {
            span.with("faultline.token", Token.format(token));
        }
        if (ended.how.source() != PageSource.NONE) {
            span.with("faultline.source", Meters.tagValue(ended.how.source()));
        }
        if (ended.how.isFailure()) {
            span.failed(ended.how.reason());
        }
    }

    private void writePublish(SpanWriter spans, End ended) {
        long decided = ended.acceptedNs == FaultTimes.NEVER ? refusedNs : ended.acceptedNs;
        WrittenSpan span = spans.child(whole, publish, "publish", SpanKind.CLIENT)
                .lasting(ended.decidedNs, orEnd(decided, ended))
                .with("faultline.token", Token.format(token));
        if (refusal != null) {
            span.with("faultline.refusal", Meters.tagValue(refusal));
        }
    }

    private void phase(SpanWriter spans, String name, long startNs, long endNs) {
        spans.child(whole, name, SpanKind.INTERNAL).lasting(startNs, endNs);
    }

    private static long orEnd(long timeNs, End ended) {
        return timeNs == FaultTimes.NEVER ? ended.endedNs : timeNs;
    }

    /** The times of a fault that is over. */
    private record End(long decidedNs, long acceptedNs, long arrivedNs, long mappedNs, FaultEnd how, long endedNs) {}
}
