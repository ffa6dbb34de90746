// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import io.faultline.proto.trace.v1.TraceParent;
import org.jspecify.annotations.Nullable;

/** Translates the parents of spans between the wire and the services. */
public final class TraceParents {
    private TraceParents() {}

    /** The message of a parent. */
    public static TraceParent toMessage(io.faultline.telemetry.TraceParent parent) {
        return TraceParent.newBuilder()
                .setTraceIdHigh(parent.traceIdHigh())
                .setTraceIdLow(parent.traceIdLow())
                .setSpanId(parent.spanId())
                .build();
    }

    /** The parent of a message; null when it names none. */
    public static io.faultline.telemetry.@Nullable TraceParent of(TraceParent message) {
        return io.faultline.telemetry.TraceParent.ofWire(
                message.getTraceIdHigh(), message.getTraceIdLow(), message.getSpanId());
    }
}
