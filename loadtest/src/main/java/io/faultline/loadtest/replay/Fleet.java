// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import io.faultline.loadtest.grpc.CallQueue;
import io.faultline.loadtest.trace.Recording;
import io.faultline.rpc.ServiceLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The same recording in several VMs at once, each a replay of its own: ids and seeds count up from those of the settings, and
 * each VM may begin somewhat after the one before. One use. {@link #run} belongs on a thread of the caller's, {@link #stop}
 * on any other.
 */
public final class Fleet {
    /** The most VMs: each has two connections. */
    public static final int VMS_MAX = 64;

    private final ReplaySettings settings;
    private final Duration offset;
    private final List<Replay> replays = new ArrayList<>();
    private final CountDownLatch stopped = new CountDownLatch(1);

    /**
     * So many VMs.
     *
     * @param offset how much later than the one before each VM begins
     * @throws IllegalArgumentException for a number out of range
     */
    public Fleet(ReplaySettings settings, int vms, Duration offset, ReplayProgress progress) {
        if (vms < 1 || vms > VMS_MAX) {
            throw new IllegalArgumentException("VMs: " + vms + " (expected: 1 to " + VMS_MAX + ")");
        }
        this.settings = settings;
        this.offset = offset;
        Sum sum = new Sum(progress, vms);
        for (int i = 0; i < vms; i++) {
            replays.add(new Replay(ofVm(i), sum.part(i)));
        }
    }

    /**
     * Replays all of them; their results by VM id, in the order of the ids.
     *
     * @throws ReplayException when one could not be carried out to its end; the others are stopped then
     */
    public SequencedMap<Long, ReplayResult> run(ServiceLoop loop) {
        Recording recording = Replay.load(settings);
        CallQueue calls = new CallQueue(Replay.CALLS_IN_FLIGHT_MAX);
        List<Run> runs = new ArrayList<>();
        for (int i = 0; i < replays.size(); i++) {
            Run run = new Run(replays.get(i), offset.multipliedBy(i), loop, recording, calls);
            runs.add(run);
            run.thread.start();
        }
        for (Run run : runs) {
            join(run.thread);
        }
        RuntimeException failure = firstFailure(runs);
        if (failure != null) {
            throw failure;
        }
        SequencedMap<Long, ReplayResult> results = new LinkedHashMap<>();
        for (int i = 0; i < runs.size(); i++) {
            results.put(settings.vm().id() + i, runs.get(i).result());
        }
        return results;
    }

    /** Makes {@link #run} end soon, with every VM unregistered. */
    public void stop() {
        stopped.countDown();
        replays.forEach(Replay::stop);
    }

    private ReplaySettings ofVm(int i) {
        ReplaySettings.Vm vm = settings.vm();
        return settings.withSeed(settings.seed() + i)
                .withVm(new ReplaySettings.Vm(
                        vm.id() + i, vm.vcpus(), vm.residentPagesMax(), vm.pageSize(), vm.prefetchPagesMax()));
    }

    /** What went wrong first: the others were stopped for it. */
    private static @Nullable RuntimeException firstFailure(List<Run> runs) {
        RuntimeException first = null;
        for (Run run : runs) {
            RuntimeException failure = run.failure;
            if (failure != null && (first == null || isStopped(first))) {
                first = failure;
            }
        }
        return first;
    }

    private static boolean isStopped(RuntimeException failure) {
        return failure instanceof ReplayException replay && replay.kind() == ReplayException.Kind.STOPPED;
    }

    private void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
                stop();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** One VM's replay, on a thread that waits for it. */
    private final class Run {
        private final Thread thread;
        private @Nullable ReplayResult result;
        private @Nullable RuntimeException failure;

        Run(Replay replay, Duration delay, ServiceLoop loop, Recording recording, CallQueue calls) {
            thread = Thread.ofPlatform().name("replay-vm").unstarted(() -> {
                try {
                    if (stopped.await(delay.toNanos(), TimeUnit.NANOSECONDS)) {
                        replay.stop();
                    }
                    result = replay.run(loop, recording, calls);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } catch (RuntimeException e) {
                    failure = e;
                    stop();
                }
            });
        }

        ReplayResult result() {
            if (result == null) {
                throw new IllegalStateException("a replay ended without a result");
            }
            return result;
        }
    }

    /** Adds up how far the VMs are in the phase that the first of them has reached. Loop thread only. */
    private static final class Sum {
        private final ReplayProgress progress;
        private final long[] done;
        private ReplayProgress.Phase furthest = ReplayProgress.Phase.POPULATE;

        Sum(ReplayProgress progress, int vms) {
            this.progress = progress;
            done = new long[vms];
        }

        ReplayProgress part(int i) {
            return (phase, partDone, partTotal) -> {
                if (phase.compareTo(furthest) > 0) {
                    furthest = phase;
                    Arrays.fill(done, 0);
                }
                if (phase == furthest) {
                    done[i] = partDone;
                    progress.reached(phase, Arrays.stream(done).sum(), partTotal * done.length);
                }
            };
        }
    }
}
