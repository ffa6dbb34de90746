// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.telemetry;

import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.TraceId;
import org.jspecify.annotations.Nullable;

/**
 * A span that others are children of, in this service or another: what W3C Trace Context calls a traceparent.
 *
 * @param traceIdHigh the upper 64 bits of the trace's id; not both halves are 0
 * @param traceIdLow the lower 64 bits
 * @param spanId the span's id, not 0
 */
public record TraceParent(long traceIdHigh, long traceIdLow, long spanId) {
    /** Refuses ids of zeros, which stand for no trace and no span. */
    public TraceParent {
        if ((traceIdHigh | traceIdLow) == 0 || spanId == 0) {
            throw new IllegalArgumentException("trace id: " + TraceId.fromLongs(traceIdHigh, traceIdLow) + ", span id: "
                    + SpanId.fromLong(spanId) + " (expected: neither 0)");
        }
    }

    /** The parent that a message names; null when an id of zeros says that there is none. */
    public static @Nullable TraceParent ofWire(long traceIdHigh, long traceIdLow, long spanId) {
        boolean isNone = (traceIdHigh | traceIdLow) == 0 || spanId == 0;
        return isNone ? null : new TraceParent(traceIdHigh, traceIdLow, spanId);
    }

    /** Another span of the same trace. */
    public TraceParent sibling(long otherSpanId) {
        return new TraceParent(traceIdHigh, traceIdLow, otherSpanId);
    }

    /** The trace's id as 32 hexadecimal digits. */
    public String traceIdText() {
        return TraceId.fromLongs(traceIdHigh, traceIdLow);
    }

    /** The span's id as 16 hexadecimal digits. */
    public String spanIdText() {
        return SpanId.fromLong(spanId);
    }
}
