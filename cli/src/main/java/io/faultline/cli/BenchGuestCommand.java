// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import io.faultline.loadtest.ReplayRun;
import io.faultline.loadtest.replay.ReplayResult;
import io.faultline.loadtest.replay.ReplaySettings;
import io.faultline.model.PageSize;
import io.faultline.standalone.Standalone;
import io.faultline.standalone.StandaloneSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What asynchronous faults do for a guest: the same recording with and without them, one after the other. One use. */
@Command(
        name = "guest",
        description = {
            "Replays the same faults three times through the whole system in one JVM: synchronous, asynchronous, and asynchronous"
                    + " with prefetch; and compares what the guest got done.",
            "The swap store is in memory and answers as late as a distant one would. The DRAM tier is as small as can be, so"
                    + " that pages come from the store. No audit trail is kept.",
            "With --tasks 1 the guest has nothing else to run while a page is on its way, and should gain nothing."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Example:",
            "  faultline bench guest --faults 5000 --tasks 64 --store-latency 5ms --json guest.json"
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:compared, and every invariant held",
            "1:an invariant was broken, or a fault got no outcome",
            "2:a setting or the recording cannot be used, or the system cannot start"
        })
final class BenchGuestCommand implements Callable<Integer> {
    private static final int HELD = 0;
    private static final int BROKEN = 1;
    private static final int WARM_UP_FAULTS = 4_000;
    private static final long DRAM_LEAST_BYTES = 1 << 20;
    private static final long LATENCY_MOST_MS = 10_000;

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli.
    private CommandSpec spec;

    @Option(
            names = "--trace",
            paramLabel = "FILE",
            defaultValue = "${sys:faultline.home:-.}/loadtest/traces/redis-swap.trace.gz",
            description = "The recording (default: loadtest/traces/redis-swap.trace.gz)")
    @SuppressWarnings("NullAway.Init") // Set by picocli.
    private Path trace;

    @Option(
            names = "--faults",
            paramLabel = "N",
            description = "How many of its faults, from the beginning (default: ${DEFAULT-VALUE})")
    private int faults = 10_000;

    @Option(
            names = "--tasks",
            paramLabel = "N",
            description = "How many tasks carry them out (default: ${DEFAULT-VALUE})")
    private int tasks = 64;

    @Option(
            names = "--vcpus",
            paramLabel = "N",
            description = "How many vCPUs the tasks are dealt to (default: ${DEFAULT-VALUE})")
    private int vcpus = 1;

    @Option(
            names = "--store-latency",
            paramLabel = "D",
            converter = LatencyConverter.class,
            description = "How late the swap store answers: 5ms, 800us, 0.5s; a bare number is in ms (default: 5ms)")
    private Duration storeLatency = Duration.ofMillis(5);

    @Option(
            names = "--resident-pages",
            paramLabel = "N",
            description = "How many guest pages may be resident at once (default: ${DEFAULT-VALUE})")
    private long residentPages = 1_024;

    @Option(names = "--seed", paramLabel = "N", description = "Makes the pages' contents (default: ${DEFAULT-VALUE})")
    private long seed = 1;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the comparison there as a JSON object too")
    private @Nullable Path json;

    @Override
    public Integer call() throws IOException {
        if (storeLatency.isNegative() || storeLatency.toMillis() > LATENCY_MOST_MS) {
            throw new IllegalArgumentException(
                    "--store-latency: " + storeLatency.toMillis() + " ms (expected: 0 to " + LATENCY_MOST_MS + ")");
        }
        ReplaySettings settings = ReplaySettings.of(trace).withFaultsMax(faults).withSeed(seed);
        Map<GuestMode, ReplayResult> results = new EnumMap<>(GuestMode.class);
        try (DataDirectory data = DataDirectory.open(null);
                Standalone standalone = Standalone.start(standaloneSettings(data.path()), Terminal::say)) {
            ReplaySettings here = settings.withServices(
                    new ReplaySettings.Services(standalone.vcpuAddress(), standalone.notifierAddress()));
            Terminal.say("Warming up …");
            ReplayRun.run(
                    of(here.withFaultsMax(Math.min(faults, WARM_UP_FAULTS)), GuestMode.ASYNC, 1), standalone.loop());
            long vmId = 1;
            for (GuestMode mode : GuestMode.values()) {
                Terminal.say("Replaying: " + mode.title() + " …");
                vmId++;
                results.put(mode, ReplayRun.run(of(here, mode, vmId), standalone.loop()));
            }
        }
        return report(new GuestComparison(
                new GuestComparison.Setting(trace, tasks, vcpus, residentPages, storeLatency), results));
    }

    private ReplaySettings of(ReplaySettings settings, GuestMode mode, long vmId) {
        return settings.withVm(
                        new ReplaySettings.Vm(vmId, vcpus, residentPages, PageSize.SIZE_4K, mode.prefetchPagesMax()))
                .withGuest(new ReplaySettings.Guest(tasks, mode.isAsync(), true));
    }

    private StandaloneSettings standaloneSettings(Path directory) {
        return new StandaloneSettings(directory, StandaloneSettings.Ports.ANY, "", "memory", DRAM_LEAST_BYTES, 0, null)
                .withMore(List.of(
                        "--faultline.audit.enabled=false",
                        "--faultline.pager.store-latency-us=" + storeLatency.toNanos() / 1_000));
    }

    private int report(GuestComparison comparison) throws IOException {
        spec.commandLine().getOut().print(comparison.table());
        spec.commandLine().getOut().flush();
        if (json != null) {
            Files.writeString(json, comparison.json() + "\n");
        }
        List<String> broken = comparison.broken();
        broken.forEach(spec.commandLine().getErr()::println);
        return broken.isEmpty() ? HELD : BROKEN;
    }
}
