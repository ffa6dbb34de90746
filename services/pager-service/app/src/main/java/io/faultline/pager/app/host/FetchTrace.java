// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.host;

import io.faultline.model.Tier;
import io.faultline.pager.app.store.StoreKey;
import io.faultline.telemetry.Meters;
import io.faultline.telemetry.TraceParent;
import io.faultline.telemetry.trace.SpanWriter;
import io.faultline.telemetry.trace.TracedWork;
import io.faultline.telemetry.trace.WrittenSpan;
import io.opentelemetry.api.trace.SpanKind;

/** What became of one fetch that a traced fault waits for. */
final class FetchTrace extends TracedWork {
    private final TraceParent parent;
    private final int stream;
    private final long requestId;
    private final StoreKey page;
    private long askedNs = NEVER;
    private long loadedNs = NEVER;
    private String loadOutcome = "";
    private long answeredNs;
    private String outcome = "";
    private Tier tier = Tier.NONE;

    FetchTrace(TraceParent parent, int stream, long requestId, StoreKey page, long receivedNs) {
        super(receivedNs);
        this.parent = parent;
        this.stream = stream;
        this.requestId = requestId;
        this.page = page;
    }

    boolean isOn(int otherStream) {
        return stream == otherStream;
    }

    boolean is(int otherStream, long otherRequestId) {
        return requestId == otherRequestId && stream == otherStream;
    }

    boolean isOf(StoreKey other) {
        return page.equals(other);
    }

    /** The swap store answered for the page, which it may have been asked for before this fetch came. */
    void loaded(String how, long whenAskedNs, long nowNs) {
        loadOutcome = how;
        askedNs = Math.max(whenAskedNs, beganNs());
        loadedNs = nowNs;
    }

    /** The fetch is over. */
    void answered(String how, Tier from, long nowNs) {
        outcome = how;
        tier = from;
        answeredNs = nowNs;
    }

    @Override
    protected void writeTo(SpanWriter spans) {
        WrittenSpan span = spans.child(parent, "pager.fetch", SpanKind.SERVER)
                .lasting(beganNs(), answeredNs)
                .with("faultline.vm.id", page.vmId())
                .with("faultline.gfn", "0x" + Long.toHexString(page.gfn()))
                .with("faultline.outcome", outcome);
        if (tier != Tier.NONE) {
            span.with("faultline.tier", Meters.tagValue(tier));
        }
        if (loadedNs != NEVER) {
            spans.child(span.self(), "store.read", SpanKind.CLIENT)
                    .lasting(askedNs, loadedNs)
                    .with("faultline.outcome", loadOutcome);
        }
    }
}
