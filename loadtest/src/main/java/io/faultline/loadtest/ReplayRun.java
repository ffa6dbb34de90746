// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest;

import io.faultline.loadtest.replay.Fleet;
import io.faultline.loadtest.replay.Replay;
import io.faultline.loadtest.replay.ReplayObserver;
import io.faultline.loadtest.replay.ReplayResult;
import io.faultline.loadtest.replay.ReplaySettings;
import io.faultline.loadtest.report.TerminalProgress;
import io.faultline.rpc.ServiceLoop;
import java.time.Duration;
import java.util.SequencedMap;

/**
 * A replay as a command runs it: progress on standard error, and an interrupt from the keyboard unregisters the VM before
 * the JVM ends.
 */
public final class ReplayRun {
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);

    private ReplayRun() {}

    /** Replays on a loop of its own; {@code observer} hears of every fault. */
    public static ReplayResult run(ReplaySettings settings, ReplayObserver observer) {
        try (ServiceLoop loop = ServiceLoop.start("replay")) {
            return run(settings, loop, observer);
        }
    }

    /** Replays in several VMs at once, on a loop of its own; each begins so much later than the one before. By VM id. */
    public static SequencedMap<Long, ReplayResult> run(ReplaySettings settings, int vms, Duration offset) {
        try (ServiceLoop loop = ServiceLoop.start("replay");
                TerminalProgress progress = TerminalProgress.start()) {
            Fleet fleet = new Fleet(settings, vms, offset, progress);
            try (StopOnInterrupt _ = StopOnInterrupt.open(fleet::stop, STOP_TIMEOUT, () -> {})) {
                return fleet.run(loop);
            }
        }
    }

    /** Replays on a loop that exists. */
    public static ReplayResult run(ReplaySettings settings, ServiceLoop loop) {
        return run(settings, loop, ReplayObserver.NONE);
    }

    /** Replays on a loop that exists; {@code observer} hears of every fault. */
    public static ReplayResult run(ReplaySettings settings, ServiceLoop loop, ReplayObserver observer) {
        try (TerminalProgress progress = TerminalProgress.start()) {
            Replay replay = new Replay(settings, progress, observer);
            try (StopOnInterrupt _ = StopOnInterrupt.open(replay::stop, STOP_TIMEOUT, () -> {})) {
                return replay.run(loop);
            }
        }
    }
}
