// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.metrics;

import io.faultline.pager.app.grpc.PageStreams;
import io.faultline.telemetry.Meters;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

/** The meters {@code faultline.pager.replies.*}: what clients leave unread. */
public final class ReplyMetrics implements MeterBinder {
    private final PageStreams streams;

    /** Meters of these streams. */
    public ReplyMetrics(PageStreams streams) {
        this.streams = streams;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Meters<PageStreams> meters = new Meters<>(registry, () -> streams);
        meters.bytes(
                "faultline.pager.replies.unsent", "replies that slow clients leave unread", PageStreams::unsentBytes);
        meters.counter(
                "faultline.pager.replies.withheld",
                "pages not sent to slow clients, UNAVAILABLE",
                PageStreams::withheld);
    }
}
