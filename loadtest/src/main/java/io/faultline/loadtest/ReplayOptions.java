// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest;

import io.faultline.loadtest.replay.ReplaySettings;
import io.faultline.loadtest.replay.Schedule;
import io.faultline.loadtest.trace.Recording;
import io.faultline.model.PageSize;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that every command which replays a recording has, as a picocli mixin. One use. */
public final class ReplayOptions {
    /** Whether something is to be. */
    public enum Switch {
        /** It is. */
        ON,
        /** It is not. */
        OFF
    }

    private static final int PAGE_BYTES = 4096;

    @Option(
            names = "--trace",
            paramLabel = "FILE",
            defaultValue = "${sys:faultline.home:-.}/loadtest/traces/redis-swap.trace.gz",
            description = "The recording, in any format of docs/traces.md"
                    + " (default: loadtest/traces/redis-swap.trace.gz)")
    @SuppressWarnings("NullAway.Init") // Set by picocli.
    private Path trace;

    @Option(
            names = "--faults",
            paramLabel = "N",
            description = "Replay only the first N faults (default: all, up to ${DEFAULT-VALUE})")
    private int faults = Recording.FAULTS_MAX;

    @Option(
            names = "--resident-pages",
            paramLabel = "N",
            description = "How many guest pages may be resident at once (default: ${DEFAULT-VALUE})")
    private long residentPages = 12_288;

    @Option(
            names = "--page-size",
            paramLabel = "BYTES",
            description = "The guest's page size, 4096, 16384 or 65536 (default: ${DEFAULT-VALUE})")
    private int pageSize = PAGE_BYTES;

    @Option(
            names = "--tasks",
            paramLabel = "N",
            description = {
                "How many tasks carry out the accesses (default: ${DEFAULT-VALUE}).",
                "A recorded thread's faults stay in one task; a recording of one thread is dealt to the tasks by page."
            })
    private int tasks = 8;

    @Option(
            names = "--vcpus",
            paramLabel = "N",
            description = "How many vCPUs the tasks are dealt to (default: ${DEFAULT-VALUE})")
    private int vcpus = 1;

    @Option(
            names = "--prefetch-pages",
            paramLabel = "N",
            description = "How many pages ahead of a vCPU's misses are prefetched at most, 0 to 32, 0 for none"
                    + " (default: as vcpu-service is set)")
    private @Nullable Integer prefetchPages;

    @Option(names = "--vm-id", paramLabel = "N", description = "The VM's id, not in use (default: ${DEFAULT-VALUE})")
    private long vmId = 1;

    @Option(
            names = "--async",
            paramLabel = "on|off",
            description = "Whether the guest enables asynchronous faults (default: on)")
    private Switch async = Switch.ON;

    @Option(
            names = "--populate",
            paramLabel = "on|off",
            description = "Whether the guest's memory is filled first, as the recorded process had filled its own"
                    + " (default: on)")
    private Switch populate = Switch.ON;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = {
                "Open loop: N accesses a second are due at equal distances, whatever the services do meanwhile",
                "(default: closed loop, each as soon as its task has ended the one before)"
            })
    private @Nullable Double rate;

    @Option(
            names = "--speed",
            paramLabel = "X",
            description = "Open loop: the accesses are due at their recorded times, X times as fast, such as 1 or 0.5")
    private @Nullable Double speed;

    @Option(
            names = "--duration",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "End after so long, such as 90s or 5m, not counting how long the memory is filled"
                    + " (default: when the recording ends)")
    private Duration duration = Duration.ZERO;

    @Option(
            names = "--reconnect",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = {
                "Try for so long, such as 30s, to connect again when a connection to a service broke, and go on if the VM",
                "still lives (default: end)"
            })
    private Duration reconnect = Duration.ZERO;

    @Option(names = "--seed", paramLabel = "N", description = "Makes the pages' contents (default: ${DEFAULT-VALUE})")
    private long seed = 1;

    @Option(
            names = "--read-back",
            description = "After the last fault, read every page back and compare each byte with what was last written")
    private boolean readBack;

    @Option(
            names = "--skip-bad-lines",
            description = "Count malformed lines of the recording and go on, instead of refusing it")
    private boolean skipBadLines;

    @Option(
            names = "--detach-after",
            paramLabel = "N",
            description = "Cut the guest's connection to its notifications after N faults (default: never)")
    private int detachAfter;

    @Option(
            names = "--reattach-after",
            paramLabel = "N",
            description = "Connect the guest again after N faults (default: never)")
    private int reattachAfter;

    /**
     * The settings that they stand for, with the default addresses.
     *
     * @throws IllegalArgumentException with the value and what is allowed
     */
    public ReplaySettings settings() {
        return ReplaySettings.of(trace)
                .withFaultsMax(faults)
                .withSkipsBadLines(skipBadLines)
                .withSeed(seed)
                .withReadsBack(readBack)
                .withSchedule(schedule())
                .withRunMax(duration)
                .withReconnectMax(reconnect)
                .withVm(new ReplaySettings.Vm(vmId, vcpus, residentPages, PageSize.ofBytes(pageSize), prefetchPages))
                .withGuest(new ReplaySettings.Guest(tasks, async == Switch.ON, populate == Switch.ON))
                .withInterruption(new ReplaySettings.Interruption(detachAfter, reattachAfter));
    }

    private Schedule schedule() {
        if (rate != null && speed != null) {
            throw new IllegalArgumentException("--rate and --speed (expected: one of them)");
        }
        return rate != null
                ? new Schedule.Rate(rate)
                : speed != null ? new Schedule.Recorded(speed) : new Schedule.Closed();
    }
}
