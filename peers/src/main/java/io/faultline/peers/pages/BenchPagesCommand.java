// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers.pages;

import io.faultline.peers.BenchOptions;
import io.faultline.peers.Comparison;
import io.faultline.peers.ComparisonReport;
import io.faultline.peers.ComparisonReport.Ratio;
import io.faultline.peers.Peer;
import io.faultline.peers.Rounds;
import io.faultline.peers.Workplace;
import io.faultline.processes.ServiceProcesses;
import io.faultline.redis.RedisServer;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures fetches from the DRAM tier beside Redis and bare gRPC. One use. */
@Command(
        name = "pages",
        description = {
            "Fetches 4 KiB pages from pager-service's DRAM tier over gRPC, and the same pages from a real redis-server and from bare gRPC servers, all in one run.",
            "faultline: pager-service. grpc_codec: the same messages by the same codec from a server that only copies pages."
                    + " grpc_stub: the same messages by generated code at both ends. redis_java: GET by a plain pipelining Java client."
                    + " redis_benchmark: GET by Redis' own load generator, where there is one on the PATH."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:measured", "2:a setting cannot be used, or a peer failed"})
public final class BenchPagesCommand implements Callable<Integer> {
    private static final int MEASURED = 0;
    private static final int PAGES_MAX = 1 << 18;
    private static final int PAGES_SHORT = 1 << 10;
    private static final String FAULTLINE = "faultline";
    private static final String BASELINE = "baseline";
    private static final String CODEC = "grpc_codec";
    private static final String STUB = "grpc_stub";
    private static final String REDIS_JAVA = "redis_java";
    private static final String REDIS_BENCHMARK = "redis_benchmark";

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli.
    private CommandSpec spec;

    @Mixin
    private final BenchOptions options = new BenchOptions();

    @Option(
            names = "--pages",
            paramLabel = "N",
            description =
                    "How many pages there are: by default 256 MiB, more than the caches hold (default: ${DEFAULT-VALUE})")
    private int pages = 1 << 16;

    @Option(
            names = "--request-pages",
            paramLabel = "N",
            split = ",",
            description = "Pages a request, 1 to 64 (default: ${DEFAULT-VALUE})")
    private List<Integer> requestPages = List.of(1, 16, 64);

    @Option(
            names = "--in-flight",
            paramLabel = "N",
            split = ",",
            description = "Requests under way at once on a connection, 1 to 64 (default: ${DEFAULT-VALUE})")
    private List<Integer> inFlight = List.of(1, 4);

    @Override
    public Integer call() throws Exception {
        BenchOptions.require("--pages", pages, 1, PAGES_MAX);
        options.requirePeers(List.of(FAULTLINE, BASELINE, CODEC, STUB, REDIS_JAVA, REDIS_BENCHMARK));
        List<PageShape> shapes = shapes();
        Rounds.Settings settings = options.rounds();
        PageSet set = new PageSet(options.isShort() ? Math.min(pages, PAGES_SHORT) : pages);
        PrintWriter err = spec.commandLine().getErr();
        try (Workplace place = Workplace.open(options, err)) {
            RedisServer redis = place.add(RedisServer.start(place.directory()));
            List<Peer<PageShape>> peers = start(place, set, redis);
            Comparison<PageShape> comparison = new Rounds<>(settings, shapes, peers, place::say).run();
            publish(comparison, set, redis);
            place.measured();
        }
        return MEASURED;
    }

    private List<Peer<PageShape>> start(Workplace place, PageSet set, RedisServer redis) throws Exception {
        List<Peer<PageShape>> peers = new ArrayList<>();
        place.say("starting and storing " + set.pages() + " pages in each");
        if (options.wants(FAULTLINE)) {
            peers.add(pagerService(FAULTLINE, place, place.processes(), set));
        }
        if (options.baseline().isPresent()) {
            peers.add(pagerService(
                    BASELINE, place, place.processesOf(options.baseline().get()), set));
        }
        if (options.wants(CODEC)) {
            int port = ServiceProcesses.freePort();
            ProcessHandle server = bare(place, "codec-pager", port, set);
            peers.add(place.add(new CodecPages(CODEC, "127.0.0.1:" + port, set, server)));
        }
        if (options.wants(STUB)) {
            int port = ServiceProcesses.freePort();
            ProcessHandle server = bare(place, "stub-pager", port, set);
            peers.add(place.add(new StubPages(STUB, "127.0.0.1:" + port, set, server)));
        }
        RedisPages plain = place.add(new RedisPages(REDIS_JAVA, redis.port(), set, redis.process()));
        plain.populate();
        if (options.wants(REDIS_JAVA)) {
            peers.add(plain);
        }
        Optional<Path> generator = RedisBenchmark.find();
        if (generator.isPresent() && options.wants(REDIS_BENCHMARK)) {
            peers.add(new RedisBenchmark(REDIS_BENCHMARK, generator.get(), redis.port(), set));
        }
        return peers;
    }

    private void publish(Comparison<PageShape> comparison, PageSet set, RedisServer redis) throws Exception {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("pages", set.pages() + " of 4 KiB, asked for at random, all in DRAM; each arrival is checked");
        facts.put("redis", redis.version());
        List<Ratio> ratios = comparison.peers().stream()
                .filter(peer -> !peer.equals(FAULTLINE))
                .map(peer -> new Ratio(FAULTLINE, peer))
                .toList();
        options.publish(
                new ComparisonReport<>(
                        options.heading(
                                spec,
                                facts,
                                new BenchOptions.Units("pages a request x in flight", "pages", "a request")),
                        comparison,
                        ratios,
                        PageShape::key),
                spec.commandLine().getOut());
    }

    private List<PageShape> shapes() {
        List<PageShape> shapes = new ArrayList<>();
        for (int size : requestPages) {
            BenchOptions.require("--request-pages", size, 1, 64);
            for (int depth : inFlight) {
                BenchOptions.require("--in-flight", depth, 1, 64);
                shapes.add(new PageShape(size, depth));
            }
        }
        return shapes;
    }

    private static CodecPages pagerService(String name, Workplace place, ServiceProcesses processes, PageSet set)
            throws Exception {
        int port = ServiceProcesses.freePort();
        long bytes = (long) set.pages() * PageSet.PAGE_BYTES;
        Process process = processes.service(
                "pager-service",
                port,
                "--faultline.pager.store=memory",
                "--faultline.pager.memory-store-max-bytes=" + 2 * bytes,
                "--faultline.pager.dram-max-bytes=" + Math.max(1 << 20, bytes + bytes / 4),
                "--faultline.pager.compressed-max-bytes=0");
        CodecPages client = place.add(new CodecPages(name, "127.0.0.1:" + port, set, process.toHandle()));
        client.populate();
        return client;
    }

    private static ProcessHandle bare(Workplace place, String role, int port, PageSet set) {
        return place.bare(role, port, Integer.toString(set.pages()));
    }
}
