// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak;

import io.faultline.loadtest.replay.Replay;
import io.faultline.loadtest.replay.ReplayException;
import io.faultline.loadtest.replay.ReplayResult;
import io.faultline.loadtest.replay.ReplaySettings;
import io.faultline.model.PageSize;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One guest after another in the same place, until the time is up: each fills its memory, replays a recording with its
 * writes, is read back and ended. Run by one thread; {@link #stop} belongs on any.
 */
final class VmLives {
    /** How many tasks a guest has, and so how many faults it may have in flight. */
    static final int TASKS = 8;

    private static final List<String> RECORDINGS = List.of("redis-swap.trace.gz", "memcached-swap.trace.gz");
    /** Longer than any strike is let last, and shorter than the silence after which a replay counts as stalled. */
    private static final int FETCH_DEADLINE_MS = 20_000;

    /** A shorter life is not worth filling a memory for. */
    private static final long LIFE_MIN_NS = Duration.ofSeconds(10).toNanos();

    private final SoakSettings settings;
    private final ReplaySettings.Services services;
    private final int place;
    private final Pulse pulse;
    private final long endNs;
    private final List<VmLife> lives = new ArrayList<>();
    private @Nullable Replay current;
    private boolean isStopped;

    VmLives(SoakSettings settings, ReplaySettings.Services services, int place, Pulse pulse, long endNs) {
        this.settings = settings;
        this.services = services;
        this.place = place;
        this.pulse = pulse;
        this.endNs = endNs;
    }

    /** Lives until the time is up, or somebody {@link #stop}s it; the lives so far. */
    List<VmLife> run() {
        for (int life = 0; life == 0 || timeLeftNs() >= LIFE_MIN_NS; life++) {
            long vmId = 1 + place + (long) life * settings.load().vms();
            Replay replay = begin(new Replay(replaySettings(vmId), pulse));
            if (replay == null) {
                break;
            }
            try {
                ReplayResult result = replay.run();
                lives.add(new VmLife(vmId, result, result.brokenInvariants()));
            } catch (ReplayException e) {
                if (e.kind() == ReplayException.Kind.STOPPED) {
                    break;
                }
                lives.add(new VmLife(vmId, null, List.of(String.valueOf(e.getMessage()))));
            }
        }
        return List.copyOf(lives);
    }

    /** Makes {@link #run} end soon. */
    synchronized void stop() {
        isStopped = true;
        if (current != null) {
            current.stop();
        }
    }

    private synchronized @Nullable Replay begin(Replay replay) {
        current = replay;
        return isStopped ? null : replay;
    }

    private ReplaySettings replaySettings(long vmId) {
        Path recording = settings.home().resolve("loadtest/traces/" + RECORDINGS.get(place % RECORDINGS.size()));
        return ReplaySettings.of(recording)
                .withServices(services)
                .withVm(new ReplaySettings.Vm(
                        vmId, 1 + place % 2, settings.load().residentPages(), PageSize.SIZE_4K))
                .withGuest(new ReplaySettings.Guest(TASKS, true, true))
                .withSeed(settings.seed() + vmId)
                .withFaultsMax(settings.load().faultsMax())
                .withTimeMax(Duration.ofNanos(Math.max(LIFE_MIN_NS, timeLeftNs())))
                .withFaultsPerSMax(settings.load().faultsPerS())
                .withFetchDeadlineMs(FETCH_DEADLINE_MS)
                .withReadsBack(true);
    }

    private long timeLeftNs() {
        return endNs - System.nanoTime();
    }
}
