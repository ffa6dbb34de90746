// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.metrics;

import io.faultline.pager.app.host.PagerHost;
import io.faultline.pager.app.host.PagerHost.HostStats;
import io.faultline.rpc.ServiceLoop;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.concurrent.Future;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The meters {@code faultline.pager.*}. The domain counts in plain fields on the loop; once a second the loop copies
 * them, and meters read the copy from any thread, so counting costs the fast path nothing.
 */
public final class PagerMetrics implements MeterBinder {
    private static final long REFRESH_NS = 1_000_000_000;
    private static final String FETCHES = "faultline.pager.fetches";
    private static final String STORES = "faultline.pager.stores";
    private static final String PREFETCHES = "faultline.pager.prefetches";

    private final ServiceLoop loop;
    private final PagerHost host;
    private volatile HostStats stats;
    private @Nullable Future<?> refresh;

    /** Meters that show the start's values before {@link #start}. */
    public PagerMetrics(ServiceLoop loop, PagerHost host) {
        this.loop = loop;
        this.host = host;
        stats = host.stats();
    }

    /** Begins to refresh; on the loop. */
    public void start() {
        stats = host.stats();
        refresh = loop.schedule(this::start, REFRESH_NS);
    }

    /** Refreshes for the last time; on the loop. */
    public void stop() {
        stats = host.stats();
        if (refresh != null) {
            refresh.cancel(false);
        }
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        bindDram(registry);
        bindRequests(registry);
        gauge(registry, "faultline.pager.store.pages", "pages in the swap store, about", HostStats::storePages);
        gauge(
                registry,
                "faultline.pager.loads.in.flight",
                "pages the swap store is asked for",
                s -> s.pager().loadsInFlight());
        gauge(
                registry,
                "faultline.pager.loads.queued",
                "pages waiting to be asked for",
                s -> s.pager().loadsQueued());
        gauge(
                registry,
                "faultline.pager.stores.in.flight",
                "pages the swap store was given",
                s -> s.pager().storesInFlight());
    }

    private void bindDram(MeterRegistry registry) {
        gauge(
                registry,
                "faultline.pager.dram.pages",
                "pages in the DRAM tier",
                s -> s.pager().dram().pages());
        bytes(
                registry,
                "faultline.pager.dram.used",
                "page memory in use",
                s -> s.pager().dram().bytes());
        bytes(
                registry,
                "faultline.pager.dram.limit",
                "page memory that may be used",
                s -> s.pager().dram().bytesMax());
        bytes(registry, "faultline.pager.dram.allocated", "memory taken so far", HostStats::dramAllocatedBytes);
        String evictions = "faultline.pager.dram.evictions";
        counter(
                registry,
                evictions,
                "pages evicted",
                Tags.of("when", "at_cap"),
                s -> s.pager().dram().evictionsAtCap());
        counter(
                registry,
                evictions,
                "pages evicted",
                Tags.of("when", "ahead"),
                s -> (double) s.pager().dram().evictions() - s.pager().dram().evictionsAtCap());
    }

    private void bindRequests(MeterRegistry registry) {
        String fetches = "fetches answered";
        counter(
                registry,
                FETCHES,
                fetches,
                Tags.of("tier", "dram", "outcome", "found"),
                s -> s.pager().dram().fetches());
        counter(
                registry,
                FETCHES,
                fetches,
                Tags.of("tier", "swap_store", "outcome", "found"),
                s -> s.pager().store().fetches());
        counter(
                registry,
                FETCHES,
                fetches,
                Tags.of("tier", "none", "outcome", "absent"),
                s -> s.pager().refusals().absent());
        counter(
                registry,
                FETCHES,
                fetches,
                Tags.of("tier", "none", "outcome", "corrupt"),
                s -> s.pager().refusals().corrupt());
        counter(
                registry,
                STORES,
                "stores answered",
                Tags.of("outcome", "stored"),
                s -> s.pager().store().stores());
        counter(
                registry,
                STORES,
                "stores answered",
                Tags.of("outcome", "corrupt"),
                s -> s.pager().refusals().rejectedStores());
        counter(
                registry,
                "faultline.pager.unavailable",
                "requests answered UNAVAILABLE",
                Tags.empty(),
                s -> s.pager().refusals().unavailable());
        counter(
                registry,
                "faultline.pager.coalesced",
                "fetches that joined another",
                Tags.empty(),
                s -> s.pager().coalesced());
        counter(
                registry,
                "faultline.pager.deletes.dropped",
                "discards not followed",
                Tags.empty(),
                s -> s.deletesDropped());
        prefetch(registry, "issued", s -> s.pager().prefetch().issued());
        prefetch(registry, "used", s -> s.pager().prefetch().used());
        prefetch(registry, "late", s -> s.pager().prefetch().late());
        prefetch(registry, "evicted_unused", s -> s.pager().prefetch().evictedUnused());
        prefetch(registry, "dropped", s -> s.pager().prefetch().dropped());
    }

    private void prefetch(MeterRegistry registry, String outcome, ToDoubleFunction<HostStats> value) {
        counter(registry, PREFETCHES, "prefetched pages, by what came of them", Tags.of("outcome", outcome), value);
    }

    private void counter(
            MeterRegistry registry, String name, String description, Tags tags, ToDoubleFunction<HostStats> value) {
        FunctionCounter.builder(name, this, metrics -> value.applyAsDouble(metrics.stats))
                .description(description)
                .tags(tags)
                .register(registry);
    }

    private void gauge(MeterRegistry registry, String name, String description, ToDoubleFunction<HostStats> value) {
        Gauge.builder(name, this, metrics -> value.applyAsDouble(metrics.stats))
                .description(description)
                .register(registry);
    }

    private void bytes(MeterRegistry registry, String name, String description, ToDoubleFunction<HostStats> value) {
        Gauge.builder(name, this, metrics -> value.applyAsDouble(metrics.stats))
                .description(description)
                .baseUnit("bytes")
                .register(registry);
    }
}
