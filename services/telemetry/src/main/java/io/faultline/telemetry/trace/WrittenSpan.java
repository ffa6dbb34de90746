// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.telemetry.trace;

import io.faultline.telemetry.TraceParent;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A span that is over, as OpenTelemetry's exporter takes it. The publisher's thread only. */
/*
 * The SDK's own spans draw their ids when they are begun and take their times from a clock. Ours had their ids sent to other
 * services, and their times noted, before there was a span.
 */
public final class WrittenSpan implements SpanData {
    private static final InstrumentationScopeInfo SCOPE = InstrumentationScopeInfo.create("io.faultline");

    private final SpanWriter writer;
    private final TraceParent self;
    private final SpanContext parent;
    private final String name;
    private final SpanKind kind;
    private final AttributesBuilder attributes = Attributes.builder();
    private @Nullable Attributes built;
    private StatusData status = StatusData.unset();
    private long startEpochNs;
    private long endEpochNs;

    WrittenSpan(SpanWriter writer, TraceParent self, SpanContext parent, String name, SpanKind kind) {
        this.writer = writer;
        this.self = self;
        this.parent = parent;
        this.name = name;
        this.kind = kind;
    }

    /** This span as the parent of others. */
    public TraceParent self() {
        return self;
    }

    /** When it began and ended, in nanoseconds of the loop's clock. */
    public WrittenSpan lasting(long startNs, long endNs) {
        startEpochNs = writer.epochNs(startNs);
        endEpochNs = writer.epochNs(endNs);
        return this;
    }

    /** Adds an attribute. */
    public WrittenSpan with(String key, String value) {
        attributes.put(key, value);
        return this;
    }

    /** Adds an attribute. */
    public WrittenSpan with(String key, long value) {
        attributes.put(key, value);
        return this;
    }

    /** The work failed, and why in a few words. */
    public WrittenSpan failed(String why) {
        status = StatusData.create(StatusCode.ERROR, why);
        return this;
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public SpanKind getKind() {
        return kind;
    }

    @Override
    public SpanContext getSpanContext() {
        return SpanWriter.context(self);
    }

    @Override
    public SpanContext getParentSpanContext() {
        return parent;
    }

    @Override
    public StatusData getStatus() {
        return status;
    }

    @Override
    public long getStartEpochNanos() {
        return startEpochNs;
    }

    @Override
    public long getEndEpochNanos() {
        return endEpochNs;
    }

    @Override
    public boolean hasEnded() {
        return true;
    }

    @Override
    public Attributes getAttributes() {
        Attributes all = built;
        if (all == null) {
            all = attributes.build();
            built = all;
        }
        return all;
    }

    @Override
    public int getTotalAttributeCount() {
        return getAttributes().size();
    }

    @Override
    public List<EventData> getEvents() {
        return List.of();
    }

    @Override
    public int getTotalRecordedEvents() {
        return 0;
    }

    @Override
    public List<LinkData> getLinks() {
        return List.of();
    }

    @Override
    public int getTotalRecordedLinks() {
        return 0;
    }

    @Override
    public InstrumentationScopeInfo getInstrumentationScopeInfo() {
        return SCOPE;
    }

    @Override
    @Deprecated
    @SuppressWarnings("deprecation") // Required by the interface, though superseded by the scope.
    public io.opentelemetry.sdk.common.InstrumentationLibraryInfo getInstrumentationLibraryInfo() {
        return io.opentelemetry.sdk.common.InstrumentationLibraryInfo.create(SCOPE.getName(), null);
    }

    @Override
    public Resource getResource() {
        return writer.resource();
    }
}
