// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.telemetry;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/* A meter holds on to what it reads by a weak reference; the registry itself is there as long as its meters are. */
/**
 * Registers meters that read their values from one source, whichever it is at the moment of reading.
 *
 * @param <S> what is read
 */
public final class Meters<S> {
    private final MeterRegistry registry;
    private final Supplier<S> source;

    /** Meters of this registry that ask the source each time they are read; from any thread. */
    public Meters(MeterRegistry registry, Supplier<S> source) {
        this.registry = registry;
        this.source = source;
    }

    /** A meter that only grows. */
    public void counter(String name, String description, Tags tags, ToDoubleFunction<S> value) {
        FunctionCounter.builder(name, registry, _ -> value.applyAsDouble(source.get()))
                .description(description)
                .tags(tags)
                .register(registry);
    }

    /** A meter that only grows, without tags. */
    public void counter(String name, String description, ToDoubleFunction<S> value) {
        counter(name, description, Tags.empty(), value);
    }

    /** A number of something now. */
    public void gauge(String name, String description, Tags tags, ToDoubleFunction<S> value) {
        Gauge.builder(name, registry, _ -> value.applyAsDouble(source.get()))
                .description(description)
                .tags(tags)
                .register(registry);
    }

    /** A number of something now, without tags. */
    public void gauge(String name, String description, ToDoubleFunction<S> value) {
        gauge(name, description, Tags.empty(), value);
    }

    /** A number of bytes now. */
    public void bytes(String name, String description, ToDoubleFunction<S> value) {
        gaugeIn("bytes", name, description, value);
    }

    /** A time as it is now, in seconds. */
    public void seconds(String name, String description, ToDoubleFunction<S> value) {
        gaugeIn("seconds", name, description, value);
    }

    private void gaugeIn(String unit, String name, String description, ToDoubleFunction<S> value) {
        Gauge.builder(name, registry, _ -> value.applyAsDouble(source.get()))
                .description(description)
                .baseUnit(unit)
                .register(registry);
    }

    /** A constant's name as the value of a tag. */
    public static String tagValue(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
