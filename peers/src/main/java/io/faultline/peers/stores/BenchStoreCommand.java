// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers.stores;

import io.faultline.pager.app.config.RedisProperties;
import io.faultline.pager.app.config.SwapStoreChoice;
import io.faultline.pager.app.store.InMemorySwapStore;
import io.faultline.pager.app.store.PlainEnvelope;
import io.faultline.pager.app.store.SwapStore;
import io.faultline.pager.app.store.redis.RedisSwapStore;
import io.faultline.pager.app.store.rocksdb.RocksDbSwapStore;
import io.faultline.peers.BenchOptions;
import io.faultline.peers.Comparison;
import io.faultline.peers.ComparisonReport;
import io.faultline.peers.ComparisonReport.Ratio;
import io.faultline.peers.Peer;
import io.faultline.peers.Rounds;
import io.faultline.peers.Workplace;
import io.faultline.peers.pages.PageSet;
import io.faultline.peers.stores.StoreShape.Operation;
import io.faultline.redis.RedisCluster;
import io.faultline.redis.RedisServer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures the swap stores beside each other. One use. */
@Command(
        name = "store",
        description = {
            "Fetches and stores 4 KiB pages in each swap store as the pager does, all in one run: memory (this JVM's heap),"
                    + " rocksdb (files in the temporary directory), redis (a redis-server on loopback), redis_cluster (three masters"
                    + " and their replicas on loopback)."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:measured", "2:a setting cannot be used, or a store failed"})
public final class BenchStoreCommand implements Callable<Integer> {
    private static final int MEASURED = 0;
    private static final int PAGES_MAX = 1 << 17;
    private static final int PAGES_SHORT = 1 << 9;
    private static final long MEMORY_BYTES = 1L << 29;
    private static final long BLOCK_CACHE_BYTES = 32 << 20;
    private static final long DISK_RESERVE_BYTES = 256 << 20;
    private static final int READERS = 2;
    private static final String DEFAULT_STORE = "rocksdb";
    private static final String MEMORY = "memory";
    private static final String REDIS = "redis";
    private static final String CLUSTER = "redis_cluster";

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli.
    private CommandSpec spec;

    @Mixin
    private final BenchOptions options = new BenchOptions();

    @Option(
            names = "--pages",
            paramLabel = "N",
            description = "How many pages each store holds (default: ${DEFAULT-VALUE}, 128 MiB)")
    private int pages = 1 << 15;

    @Option(
            names = "--in-flight",
            paramLabel = "N",
            split = ",",
            description = "Pages under way at once, 1 to 1024 (default: ${DEFAULT-VALUE})")
    private List<Integer> inFlight = List.of(1, 16, 64);

    @Override
    public Integer call() throws Exception {
        BenchOptions.require("--pages", pages, 1, PAGES_MAX);
        Rounds.Settings settings = options.rounds();
        if (options.baseline().isPresent()) {
            throw new IllegalArgumentException(
                    "--baseline: the stores run in this process (expected: pages or faults)");
        }
        options.requirePeers(List.of(DEFAULT_STORE, MEMORY, REDIS, CLUSTER));
        List<StoreShape> shapes = new ArrayList<>();
        for (Operation operation : Operation.values()) {
            for (int depth : inFlight) {
                BenchOptions.require("--in-flight", depth, 1, 1_024);
                shapes.add(new StoreShape(operation, depth));
            }
        }
        PageSet set = new PageSet(options.isShort() ? Math.min(pages, PAGES_SHORT) : pages);
        try (Workplace place = Workplace.open(options, spec.commandLine().getErr())) {
            RedisServer redis = place.add(RedisServer.start(place.directory()));
            List<StoreLoad> stores = new ArrayList<>();
            add(stores, place, set, DEFAULT_STORE, () -> rocksDb(place));
            add(stores, place, set, MEMORY, () -> new InMemorySwapStore(MEMORY_BYTES, new PlainEnvelope()));
            add(stores, place, set, REDIS, () -> redis("redis://" + redis.address()));
            add(
                    stores,
                    place,
                    set,
                    CLUSTER,
                    () -> redis("redis-cluster://"
                            + place.add(RedisCluster.start(place.directory())).addresses()));
            for (StoreLoad store : stores) {
                place.say("storing " + set.pages() + " pages in " + store.name());
                store.populate();
            }
            List<Peer<StoreShape>> peers = List.copyOf(stores);
            publish(new Rounds<>(settings, shapes, peers, place::say).run(), set, redis);
            place.measured();
        }
        return MEASURED;
    }

    private void add(List<StoreLoad> stores, Workplace place, PageSet set, String name, Supplier<SwapStore> store) {
        if (options.wants(name)) {
            stores.add(place.add(new StoreLoad(name, store.get(), set)));
        }
    }

    private static SwapStore rocksDb(Workplace place) {
        return RocksDbSwapStore.open(
                new RocksDbSwapStore.Settings(
                        place.directory().resolve(DEFAULT_STORE), BLOCK_CACHE_BYTES, DISK_RESERVE_BYTES, READERS),
                new PlainEnvelope());
    }

    private static SwapStore redis(String url) {
        RedisProperties settings = new RedisProperties("", "", "", 10_000, 10_000, 32 << 20);
        return RedisSwapStore.open((SwapStoreChoice.Redis) SwapStoreChoice.of(url), settings, new PlainEnvelope());
    }

    private void publish(Comparison<StoreShape> comparison, PageSet set, RedisServer redis) throws Exception {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put(
                "pages", set.pages() + " of 4 KiB that do not compress, asked for at random; each arrival is checked");
        facts.put("redis", redis.version());
        List<Ratio> ratios = comparison.peers().stream()
                .filter(peer -> !peer.equals(DEFAULT_STORE))
                .map(peer -> new Ratio(peer, DEFAULT_STORE))
                .toList();
        options.publish(
                new ComparisonReport<>(
                        options.heading(
                                spec, facts, new BenchOptions.Units("operation x in flight", "pages", "a page")),
                        comparison,
                        ratios,
                        StoreShape::key),
                spec.commandLine().getOut());
    }
}
