// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers;

import io.faultline.peers.ComparisonReport.Heading;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The options that all benchmarks against peers share, as a picocli mixin. One use. */
public final class BenchOptions {
    private static final int SHORT_WINDOW_MS = 100;

    @Option(
            names = "--warm-up-s",
            paramLabel = "S",
            description = "How long each peer is loaded before anything is measured (default: ${DEFAULT-VALUE})")
    private int warmUpS = 20;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "How many windows each peer gets at each shape, in turns (default: ${DEFAULT-VALUE})")
    private int rounds = 5;

    @Option(names = "--window-ms", paramLabel = "MS", description = "How long a window is (default: ${DEFAULT-VALUE})")
    private int windowMs = 1_000;

    @Option(
            names = "--short",
            description = "One round of short windows over little memory, cold: says only that everything runs")
    private boolean isShort;

    @Option(
            names = "--jvm-option",
            paramLabel = "OPTION",
            description =
                    "Another option for the JVMs that are started, such as -XX:StartFlightRecording=…; may be repeated")
    private List<String> jvmOptions = List.of();

    @Option(names = "--peers", paramLabel = "NAME", split = ",", description = "Only these peers (default: all)")
    private List<String> peers = List.of();

    @Option(
            names = "--baseline",
            paramLabel = "DIRECTORY",
            description = "Another checkout, built: its services are measured beside this one's, as the peer baseline")
    private @Nullable Path baseline;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the figures there as a JSON object too")
    private @Nullable Path json;

    private final String loadBefore = Machine.load();

    /**
     * The rounds' settings.
     *
     * @throws IllegalArgumentException with what was given and what is allowed
     */
    public Rounds.Settings rounds() {
        if (isShort) {
            return new Rounds.Settings(Duration.ZERO, 1, Duration.ofMillis(SHORT_WINDOW_MS));
        }
        require("--warm-up-s", warmUpS, 0, 3_600);
        require("--rounds", rounds, 1, 100);
        require("--window-ms", windowMs, 10, 600_000);
        return new Rounds.Settings(Duration.ofSeconds(warmUpS), rounds, Duration.ofMillis(windowMs));
    }

    /** Whether the run is only to show that it runs. */
    public boolean isShort() {
        return isShort;
    }

    /** The root of another checkout whose services are a peer too; empty for none. */
    public Optional<Path> baseline() {
        return Optional.ofNullable(baseline);
    }

    /** Whether the user wants this peer. */
    public boolean wants(String peer) {
        return peers.isEmpty() || peers.contains(peer);
    }

    /**
     * Refuses peers that there are not.
     *
     * @throws IllegalArgumentException with what was given and what is allowed
     */
    public void requirePeers(List<String> known) {
        for (String peer : peers) {
            if (!known.contains(peer)) {
                throw new IllegalArgumentException(
                        "--peers: " + peer + " (expected: some of " + String.join(", ", known) + ")");
            }
        }
    }

    /** What every JVM that is started gets: room for the pages, and what the user adds. */
    public List<String> jvmOptions() {
        List<String> options = new ArrayList<>(List.of("-Xms1g", "-Xmx1g", "-XX:MaxDirectMemorySize=1g"));
        if (isShort) {
            options = new ArrayList<>(List.of("-Xmx512m", "-XX:TieredStopAtLevel=1"));
        }
        options.addAll(jvmOptions);
        return options;
    }

    /** What stands above the figures of a run that has ended. */
    public Heading heading(CommandSpec command, Map<String, String> settings, Units units) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("machine", Machine.describe());
        facts.put("load average", loadBefore + " before, " + Machine.load() + " at the end");
        facts.put("versions", Machine.versions());
        facts.put(
                "command",
                "./faultline "
                        + String.join(
                                " ", command.commandLine().getParseResult().originalArgs()));
        Rounds.Settings all = rounds();
        facts.put(
                "rounds",
                all.rounds() + " in turns, windows of " + all.window().toMillis() + " ms, after "
                        + all.warmUp().toSeconds() + " s of load each");
        facts.putAll(settings);
        return new Heading(command.name(), facts, units.shape(), units.unit(), units.request());
    }

    /** Prints the report, and writes it where the user wants it. */
    public void publish(ComparisonReport<?> report, PrintWriter out) throws IOException {
        out.print(report.tables());
        out.flush();
        if (json != null) {
            Files.writeString(json, report.json() + "\n");
        }
    }

    /** Refuses an option that is out of range. */
    public static void require(String option, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(option + ": " + value + " (expected: " + least + " to " + most + ")");
        }
    }

    /**
     * What a benchmark's figures are of.
     *
     * @param shape what the shapes are
     * @param unit what is counted
     * @param request what is timed
     */
    public record Units(String shape, String unit, String request) {}
}
