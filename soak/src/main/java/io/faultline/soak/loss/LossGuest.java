// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.loss;

import io.faultline.loadtest.replay.Replay;
import io.faultline.loadtest.replay.ReplayException;
import io.faultline.loadtest.replay.ReplayProgress;
import io.faultline.loadtest.replay.ReplayResult;
import io.faultline.loadtest.replay.ReplaySettings;
import io.faultline.model.PageSize;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A guest that writes, on a thread of its own, until it is told to finish; then its memory is read back. When its VM is
 * gone it begins another life with the same VM id, as a VMM would restart its guest.
 */
final class LossGuest {
    private static final List<String> RECORDINGS = List.of("redis-swap.trace.gz", "memcached-swap.trace.gz");
    private static final int TASKS = 16;
    private static final int FAULTS_PER_S = 1_000;
    private static final int FAULTS_MAX = 100_000;
    private static final long RESIDENT_PAGES = 2_048;
    private static final int LIVES_MAX = 4;
    private static final long PAUSE_NS = 200_000_000;

    private final ReplaySettings settings;
    private final LossWatch watch = new LossWatch();
    private final List<String> deaths = new ArrayList<>();
    private final Thread thread;
    private @Nullable Replay current;
    private @Nullable ReplayResult result;
    private boolean isFinishing;
    private boolean isStopped;

    private LossGuest(ReplaySettings settings) {
        this.settings = settings;
        thread = Thread.ofPlatform().name("guest-" + settings.vm().id()).unstarted(this::live);
    }

    /** Begins the guest of that place, from 0. */
    static LossGuest start(Path home, ReplaySettings.Services services, int place, Duration reconnectMax) {
        LossGuest guest = new LossGuest(
                ReplaySettings.of(home.resolve("loadtest/traces/" + RECORDINGS.get(place % RECORDINGS.size())))
                        .withServices(services)
                        .withVm(new ReplaySettings.Vm(1 + place, 1 + place, RESIDENT_PAGES, PageSize.SIZE_4K))
                        .withGuest(new ReplaySettings.Guest(TASKS, true, true))
                        .withSeed(1 + place)
                        .withFaultsMax(FAULTS_MAX)
                        .withFaultsPerSMax(FAULTS_PER_S)
                        .withFetchDeadlineMs((int) reconnectMax.toMillis())
                        .withReconnectMax(reconnectMax)
                        .withReadsBack(true));
        guest.thread.start();
        return guest;
    }

    private void live() {
        for (int life = 0; life < LIVES_MAX; life++) {
            Replay replay = begin();
            if (replay == null) {
                return;
            }
            try {
                ReplayResult lived = replay.run();
                ended(lived);
                return;
            } catch (ReplayException e) {
                watch.guestGone();
                died(e);
            } catch (RuntimeException e) {
                watch.guestGone();
                died(e);
                return;
            }
            LockSupport.parkNanos(PAUSE_NS);
        }
    }

    private synchronized @Nullable Replay begin() {
        if (isStopped) {
            return null;
        }
        Replay replay = new Replay(settings.withSeed(settings.seed() + deaths.size()), ReplayProgress.NONE, watch);
        if (isFinishing) {
            replay.finish();
        }
        current = replay;
        return replay;
    }

    private synchronized void ended(ReplayResult lived) {
        result = lived;
    }

    private synchronized void died(RuntimeException e) {
        deaths.add(String.valueOf(e.getMessage()));
    }

    /** Has it end its work and read its memory back. */
    synchronized void finish() {
        isFinishing = true;
        if (current != null) {
            current.finish();
        }
    }

    /** Has it end soon, whatever state it is in. */
    synchronized void stop() {
        isStopped = true;
        if (current != null) {
            current.stop();
        }
    }

    /** Waits until it has ended; whether it has, in time. */
    boolean await(Duration timeout) throws InterruptedException {
        return thread.join(timeout);
    }

    /** Whether it is still at work. */
    boolean isAlive() {
        return thread.isAlive();
    }

    long vmId() {
        return settings.vm().id();
    }

    int vcpus() {
        return settings.vm().vcpus();
    }

    LossWatch watch() {
        return watch;
    }

    /** What came of its last life; null while, or if, that has not come to its end. */
    synchronized @Nullable ReplayResult result() {
        return result;
    }

    /** What each life that did not come to its end was told. */
    synchronized List<String> deaths() {
        return List.copyOf(deaths);
    }
}
