// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import io.faultline.rpc.StreamMeter.Direction;
import io.faultline.telemetry.HistogramFamily;
import io.faultline.telemetry.Meters;
import io.grpc.ClientInterceptor;
import io.grpc.ServerInterceptor;
import io.grpc.ServerStreamTracer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The meters {@code faultline.rpc.*}: what travels on a service's streams of batches, and how calls to it end. Counted by the
 * service's loop, read by any thread.
 */
public final class StreamMeters implements MeterBinder {
    private final Map<StreamKind, StreamMeter> meters = new EnumMap<>(StreamKind.class);
    private final HistogramFamily batches = HistogramFamily.ofRecords("faultline.rpc.batch", "records a message");
    private volatile @Nullable MeterRegistry registry;

    /** Meters of these kinds of streams; others are not metered. */
    public StreamMeters(StreamKind... kinds) {
        for (StreamKind kind : kinds) {
            meters.put(
                    kind,
                    new StreamMeter(
                            batches.with("stream", Meters.tagValue(kind), "direction", "in"),
                            batches.with("stream", Meters.tagValue(kind), "direction", "out")));
        }
    }

    /** The meter of a method's streams, or null if they are not metered. */
    @Nullable
    StreamMeter of(String fullMethodName) {
        StreamKind kind = StreamKind.of(fullMethodName);
        return kind == null ? null : meters.get(kind);
    }

    /** Meters the streams that a service opens. */
    public ClientInterceptor client() {
        return new ClientStreamMetering(this);
    }

    /** Meters the calls that a service answers. */
    ServerInterceptor server() {
        return new ServerCallMetering(this);
    }

    /** Meters the bytes of the streams that a service answers. */
    ServerStreamTracer.Factory serverBytes() {
        return new ServerCallMetering.Bytes(this);
    }

    /** A call to this service has ended. */
    void ended(String fullMethodName, String code) {
        MeterRegistry bound = registry;
        if (bound != null) {
            int packageEnd = fullMethodName.lastIndexOf('.', fullMethodName.indexOf('/'));
            Counter.builder("faultline.rpc.calls")
                    .description("calls that ended")
                    .tag("method", fullMethodName.substring(packageEnd + 1))
                    .tag("code", code)
                    .register(bound)
                    .increment();
        }
    }

    @Override
    public void bindTo(MeterRegistry bound) {
        registry = bound;
        batches.bindTo(bound);
        meters.forEach((kind, meter) -> {
            Tags stream = Tags.of("stream", Meters.tagValue(kind));
            new Meters<>(bound, () -> meter)
                    .gauge("faultline.rpc.streams", "streams of batches open", stream, StreamMeter::open);
            for (Direction direction : Direction.values()) {
                bind(bound, meter, stream.and("direction", Meters.tagValue(direction)), direction);
            }
        });
    }

    private static void bind(MeterRegistry bound, StreamMeter meter, Tags tags, Direction direction) {
        Meters<StreamMeter> metersOf = new Meters<>(bound, () -> meter);
        metersOf.counter("faultline.rpc.messages", "messages on streams of batches", tags, m -> m.messages(direction));
        metersOf.counter("faultline.rpc.records", "records in these messages", tags, m -> m.records(direction));
        FunctionCounter.builder("faultline.rpc.traffic", meter, m -> m.bytes(direction))
                .description("bytes of these messages on the wire")
                .baseUnit("bytes")
                .tags(tags)
                .register(bound);
    }
}
