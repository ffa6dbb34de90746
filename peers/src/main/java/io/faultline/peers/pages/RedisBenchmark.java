// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers.pages;

import io.faultline.peers.Peer;
import io.faultline.peers.Sample;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Gets pages from Redis with Redis' own load generator: a connection for each request under way, pipelined by the pages of
 * a request. For one thread.
 */
final class RedisBenchmark implements Peer<PageShape> {
    private static final String VARIABLE = "FAULTLINE_REDIS_BENCHMARK";
    private static final long TIMEOUT_S = 300;
    private static final double NS_A_S = 1e9;
    private static final int REQUESTS_MIN = 1_000;
    private static final double US_A_MS = 1_000;
    /** Columns of its CSV line: test, rps, avg, min, p50, p95, p99, max. */
    private static final int RATE_COLUMN = 1;

    private static final int P50_COLUMN = 4;
    private static final int P99_COLUMN = 6;

    private final String name;
    private final Path executable;
    private final int port;
    private final PageSet set;
    private double perSecond = 50_000;

    RedisBenchmark(String name, Path executable, int port, PageSet set) {
        this.name = name;
        this.executable = executable;
        this.port = port;
        this.set = set;
    }

    /** Where it is: what {@code FAULTLINE_REDIS_BENCHMARK} names, else the first on the PATH. */
    static Optional<Path> find() {
        String chosen = System.getenv(VARIABLE);
        Stream<Path> candidates = chosen != null
                ? Stream.of(Path.of(chosen))
                : Pattern.compile(File.pathSeparator)
                        .splitAsStream(System.getenv().getOrDefault("PATH", ""))
                        .map(directory -> Path.of(directory, "redis-benchmark"));
        return candidates.filter(Files::isExecutable).findFirst();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Sample run(PageShape shape, long durationNs) throws IOException, InterruptedException {
        // It counts requests, not seconds: as many as the last window's rate would do.
        long requests = Math.max(REQUESTS_MIN, (long) (perSecond * durationNs / NS_A_S));
        Process process = new ProcessBuilder(
                        executable.toString(),
                        "-h",
                        "127.0.0.1",
                        "-p",
                        Integer.toString(port),
                        "-c",
                        Integer.toString(shape.inFlight()),
                        "-P",
                        Integer.toString(shape.pages()),
                        "-n",
                        Long.toString(requests),
                        "-r",
                        Integer.toString(set.pages()),
                        "--csv",
                        "GET",
                        "key:__rand_int__")
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(TIMEOUT_S, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException(executable + " failed: " + output);
        }
        Sample sample = parse(output);
        perSecond = sample.perSecond();
        return sample;
    }

    /**
     * Reads what it prints.
     *
     * @throws IOException if that is not understood
     */
    static Sample parse(String output) throws IOException {
        List<String> lines =
                output.lines().filter(line -> line.startsWith("\"GET")).toList();
        if (lines.size() != 1) {
            throw new IOException("redis-benchmark printed: " + output);
        }
        String[] columns = lines.getFirst().replace("\"", "").split(",", -1);
        try {
            boolean hasLatency = columns.length > P99_COLUMN;
            return new Sample(
                    Double.parseDouble(columns[RATE_COLUMN]),
                    hasLatency ? Double.parseDouble(columns[P50_COLUMN]) * US_A_MS : Double.NaN,
                    hasLatency ? Double.parseDouble(columns[P99_COLUMN]) * US_A_MS : Double.NaN,
                    Map.of());
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            throw new IOException("redis-benchmark printed: " + output, e);
        }
    }
}
