// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.metrics;

import io.faultline.pager.app.host.PagerHost;
import io.faultline.pager.app.host.PagerHost.HostStats;
import io.faultline.pager.domain.eviction.PolicyKind;
import io.faultline.rpc.LoopSnapshot;
import io.faultline.rpc.ServiceLoop;
import io.faultline.telemetry.Meters;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * The meters {@code faultline.pager.*}. The domain counts in plain fields on the loop; once a second the loop copies
 * them, and meters read the copy from any thread, so counting costs the fast path nothing.
 */
public final class PagerMetrics implements MeterBinder {
    private static final String FETCHES = "faultline.pager.fetches";
    private static final String STORES = "faultline.pager.stores";
    private static final String PREFETCHES = "faultline.pager.prefetches";

    private final LoopSnapshot<HostStats> stats;

    /** Meters that show the start's values before {@link #start}. */
    public PagerMetrics(ServiceLoop loop, PagerHost host) {
        stats = new LoopSnapshot<>(loop, host::stats, host.stats());
    }

    /** Begins to refresh; on the loop. */
    public void start() {
        stats.start();
    }

    /** Refreshes for the last time; on the loop. */
    public void stop() {
        stats.stop();
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Meters<HostStats> meters = new Meters<>(registry, stats::latest);
        bindDram(meters);
        bindCompressed(meters);
        bindRequests(meters);
        bindRegret(meters);
        meters.gauge(
                "faultline.pager.store.info",
                "the kind of swap store",
                Tags.of("store", stats.latest().storeName()),
                _ -> 1);
        meters.gauge("faultline.pager.store.pages", "pages in the swap store, about", HostStats::storePages);
        meters.gauge(
                "faultline.pager.loads.in.flight",
                "pages the swap store is asked for",
                s -> s.pager().loadsInFlight());
        meters.gauge(
                "faultline.pager.loads.queued",
                "pages waiting to be asked for",
                s -> s.pager().loadsQueued());
        meters.gauge(
                "faultline.pager.stores.in.flight",
                "pages the swap store was given",
                s -> s.pager().storesInFlight());
    }

    private static void bindDram(Meters<HostStats> meters) {
        meters.gauge(
                "faultline.pager.dram.pages",
                "pages in the DRAM tier",
                s -> s.pager().dram().pages());
        meters.bytes(
                "faultline.pager.dram.used",
                "page memory in use",
                s -> s.pager().dram().bytes());
        meters.bytes(
                "faultline.pager.dram.limit",
                "page memory that may be used",
                s -> s.pager().dram().bytesMax());
        meters.bytes("faultline.pager.dram.allocated", "memory taken so far", HostStats::dramAllocatedBytes);
        String evictions = "faultline.pager.dram.evictions";
        meters.counter(
                evictions,
                "pages evicted",
                Tags.of("when", "at_cap"),
                s -> s.pager().dram().evictionsAtCap());
        meters.counter(
                evictions,
                "pages evicted",
                Tags.of("when", "ahead"),
                s -> (double) s.pager().dram().evictions() - s.pager().dram().evictionsAtCap());
    }

    private static void bindCompressed(Meters<HostStats> meters) {
        meters.gauge(
                "faultline.pager.compressed.pages",
                "pages in the compressed tier",
                s -> s.pager().compressed().pages());
        meters.bytes(
                "faultline.pager.compressed.used",
                "memory in use",
                s -> s.pager().compressed().bytes());
        meters.bytes(
                "faultline.pager.compressed.limit",
                "memory that may be used",
                s -> s.pager().compressed().bytesMax());
        meters.bytes(
                "faultline.pager.compressed.allocated", "memory taken so far", HostStats::compressedAllocatedBytes);
        meters.bytes(
                "faultline.pager.compressed.saved",
                "page memory that compression saves",
                s -> (double) s.pager().compressed().pageBytes()
                        - s.pager().compressed().bytes());
        meters.gauge(
                "faultline.pager.deflations.in.flight",
                "pages being deflated",
                s -> s.pager().deflationsInFlight());
        demotions(meters, "deflated", s -> s.pager().compressed().demotions().deflated());
        demotions(meters, "same_filled", s -> s.pager().compressed().demotions().sameFilled());
        demotions(meters, "not_shrunk", s -> s.pager().compressed().demotions().notShrunk());
        demotions(meters, "withdrawn", s -> s.pager().compressed().demotions().withdrawn());
        demotions(meters, "skipped", s -> s.pager().compressed().demotions().skipped());
        meters.counter(
                "faultline.pager.compressed.evictions",
                "pages evicted",
                Tags.empty(),
                s -> s.pager().compressed().evictions());
        meters.counter(
                "faultline.pager.inflations.failed",
                "compressed pages found spoilt",
                Tags.empty(),
                s -> s.pager().compressed().inflationsFailed());
    }

    private static void demotions(Meters<HostStats> meters, String outcome, ToDoubleFunction<HostStats> value) {
        meters.counter(
                "faultline.pager.demotions",
                "pages that left DRAM, by what became of them",
                Tags.of("outcome", outcome),
                value);
    }

    private static void bindRequests(Meters<HostStats> meters) {
        String fetches = "fetches answered";
        meters.counter(
                FETCHES,
                fetches,
                Tags.of("tier", "dram", "outcome", "found"),
                s -> s.pager().dram().fetches());
        meters.counter(
                FETCHES,
                fetches,
                Tags.of("tier", "compressed", "outcome", "found"),
                s -> s.pager().compressed().fetches());
        meters.counter(
                FETCHES,
                fetches,
                Tags.of("tier", "swap_store", "outcome", "found"),
                s -> s.pager().store().fetches());
        meters.counter(
                FETCHES,
                fetches,
                Tags.of("tier", "none", "outcome", "absent"),
                s -> s.pager().refusals().absent());
        meters.counter(
                FETCHES,
                fetches,
                Tags.of("tier", "none", "outcome", "corrupt"),
                s -> s.pager().refusals().corrupt());
        meters.counter(
                STORES,
                "stores answered",
                Tags.of("outcome", "stored"),
                s -> s.pager().store().stores());
        meters.counter(
                STORES,
                "stores answered",
                Tags.of("outcome", "corrupt"),
                s -> s.pager().refusals().rejectedStores());
        meters.counter(
                "faultline.pager.unavailable",
                "requests answered UNAVAILABLE",
                Tags.empty(),
                s -> s.pager().refusals().unavailable());
        meters.counter(
                "faultline.pager.coalesced",
                "fetches that joined another",
                Tags.empty(),
                s -> s.pager().coalesced());
        meters.counter(
                "faultline.pager.deletes.dropped", "discards not followed", Tags.empty(), s -> s.deletesDropped());
        prefetch(meters, "issued", s -> s.pager().prefetch().issued());
        prefetch(meters, "used", s -> s.pager().prefetch().used());
        prefetch(meters, "late", s -> s.pager().prefetch().late());
        prefetch(meters, "evicted_unused", s -> s.pager().prefetch().evictedUnused());
        prefetch(meters, "discarded_unused", s -> s.pager().prefetch().discardedUnused());
        prefetch(meters, "failed", s -> s.pager().prefetch().failed());
        prefetch(meters, "dropped", s -> s.pager().prefetch().dropped());
        prefetch(meters, "overtaken", s -> s.pager().prefetch().overtaken());
        prefetch(meters, "present", s -> s.pager().prefetch().present());
    }

    private static void prefetch(Meters<HostStats> meters, String outcome, ToDoubleFunction<HostStats> value) {
        meters.counter(PREFETCHES, "hints at pages, by what came of them", Tags.of("outcome", outcome), value);
    }

    private static void bindRegret(Meters<HostStats> meters) {
        meters.counter(
                "faultline.pager.sampled.fetches",
                "fetches of sampled pages",
                Tags.empty(),
                s -> s.pager().regret().fetches());
        meters.counter(
                "faultline.pager.sampled.misses",
                "fetches of sampled pages that DRAM missed",
                Tags.empty(),
                s -> s.pager().regret().misses());
        for (PolicyKind kind : PolicyKind.values()) {
            Tags policy = Tags.of("policy", kind.name().toLowerCase(Locale.ROOT));
            meters.counter(
                    "faultline.pager.shadow.misses",
                    "fetches of sampled pages that DRAM would have missed with a policy",
                    policy,
                    s -> s.pager().regret().misses(kind));
            meters.gauge(
                    "faultline.pager.dram.policy",
                    "whether a policy is in force",
                    policy,
                    s -> s.pager().regret().policy() == kind ? 1 : 0);
            meters.gauge(
                    "faultline.pager.dram.policy.wanted",
                    "whether a policy has been better for long, or is in force without a better",
                    policy,
                    s -> s.pager().regret().wanted() == kind ? 1 : 0);
        }
        meters.counter(
                "faultline.pager.dram.policy.switches",
                "how often the policy was replaced",
                Tags.empty(),
                s -> s.pager().regret().switches());
    }
}
