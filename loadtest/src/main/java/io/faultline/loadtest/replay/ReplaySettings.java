// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import io.faultline.loadtest.trace.Recording;
import io.faultline.model.PageSize;
import io.faultline.model.Token;
import io.faultline.rpc.tls.PeerCredentials;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What to replay, how, and against which services. Immutable; {@link #of} gives the defaults, {@code with…} methods change
 * one thing.
 *
 * @param trace the recording
 * @param services where the services are
 * @param vm the virtual machine to register
 * @param guest what runs in it
 * @param interruption when its connection is cut, for tests
 * @param faultsMax how many faults to take from the recording's beginning
 * @param skipsBadLines whether malformed lines of the recording are passed over
 * @param seed makes the pages' contents
 * @param readsBack whether every recorded page is read back and compared after the last fault
 * @param faultsPerSMax how many faults a second are raised at most; 0 for as many as the services allow
 * @param fetchDeadlineMs how long a fetch may be retried while the tiers are unavailable, in milliseconds; 0 for
 *     vcpu-service's default
 * @param timeMax after how long, filling the memory included, the guest ends before the recording does; zero for never
 * @param runMax after how long, counted once the memory is filled, the guest ends likewise; zero for never
 * @param schedule when the accesses are due
 * @param reconnectMax for how long a connection that broke is tried again, while the VM lives; zero for never
 */
public record ReplaySettings(
        Path trace,
        Services services,
        Vm vm,
        Guest guest,
        Interruption interruption,
        int faultsMax,
        boolean skipsBadLines,
        long seed,
        boolean readsBack,
        int faultsPerSMax,
        int fetchDeadlineMs,
        Duration timeMax,
        Duration runMax,
        Schedule schedule,
        Duration reconnectMax) {

    /** The least that vcpu-service accepts as a resident limit. */
    public static final long RESIDENT_PAGES_MIN = 64;
    /** The most tasks: every one of them could be asleep at once in the guest's tables. */
    public static final int TASKS_MAX = 4_096;
    /** The highest rate that can be asked for. */
    public static final int FAULTS_PER_S_MAX = 1_000_000;
    /** The most vCPUs: ids have 12 bits. */
    public static final int VCPUS_MAX = Token.VCPU_ID_MAX + 1;

    /**
     * Where the services are, each {@code host:port}.
     *
     * @param vcpuAddress vcpu-service
     * @param notifierAddress notifier-service
     * @param credentials what the client shows them
     */
    public record Services(String vcpuAddress, String notifierAddress, PeerCredentials credentials) {
        /** Services that are talked to in plain text. */
        public Services(String vcpuAddress, String notifierAddress) {
            this(vcpuAddress, notifierAddress, PeerCredentials.PLAIN_TEXT);
        }
    }

    /**
     * The virtual machine to register.
     *
     * @param id its id, not in use
     * @param vcpus how many vCPUs it has, numbered from 0
     * @param residentPagesMax how many of its pages may be resident at once
     * @param pageSize its page size
     * @param prefetchPagesMax how many pages ahead of a vCPU's misses are prefetched, 0 for none; null for
     *     what vcpu-service is set to
     */
    public record Vm(
            long id,
            int vcpus,
            long residentPagesMax,
            PageSize pageSize,
            @Nullable Integer prefetchPagesMax) {
        private static final int PREFETCH_PAGES_MOST = 32;

        /** A machine that leaves prefetching to vcpu-service. */
        public Vm(long id, int vcpus, long residentPagesMax, PageSize pageSize) {
            this(id, vcpus, residentPagesMax, pageSize, null);
        }

        /** A machine with sane numbers. */
        public Vm {
            require("VM id", id, 1, Long.MAX_VALUE);
            require("vCPUs", vcpus, 1, VCPUS_MAX);
            require("resident pages", residentPagesMax, RESIDENT_PAGES_MIN, Long.MAX_VALUE);
            if (prefetchPagesMax != null) {
                require("prefetch pages", prefetchPagesMax, 0, PREFETCH_PAGES_MOST);
            }
        }

        /** The ids of its vCPUs. */
        public int[] vcpuIds() {
            return IntStream.range(0, vcpus).toArray();
        }
    }

    /**
     * What runs in the virtual machine.
     *
     * @param tasks how many tasks carry out the recorded accesses
     * @param usesAsyncFaults whether the guest enables asynchronous faults; if not, every fault is synchronous
     * @param isPopulated whether its memory is filled first, as the recorded process had filled it
     */
    public record Guest(int tasks, boolean usesAsyncFaults, boolean isPopulated) {
        /** A guest with sane numbers. */
        public Guest {
            require("tasks", tasks, 1, TASKS_MAX);
        }
    }

    /**
     * When the guest's connection to its notifications is cut, and when it comes back.
     *
     * @param detachAfter the number of faults that have ended by then; 0 for never
     * @param reattachAfter likewise, more than {@code detachAfter}; 0 for never
     */
    public record Interruption(int detachAfter, int reattachAfter) {
        /** No interruption. */
        public static final Interruption NONE = new Interruption(0, 0);

        /** An interruption in the right order. */
        public Interruption {
            require("detach after", detachAfter, 0, Integer.MAX_VALUE);
            if (reattachAfter != 0 && (detachAfter == 0 || reattachAfter <= detachAfter)) {
                throw new IllegalArgumentException("reattach after: " + reattachAfter
                        + " faults (expected: more than where it detaches, " + detachAfter + ")");
            }
        }
    }

    /** Settings with sane numbers. */
    public ReplaySettings {
        require("faults", faultsMax, 1, Recording.FAULTS_MAX);
        require("faults a second", faultsPerSMax, 0, FAULTS_PER_S_MAX);
        require("fetch deadline in ms", fetchDeadlineMs, 0, Integer.MAX_VALUE);
        if (schedule.isOpen() && faultsPerSMax > 0) {
            throw new IllegalArgumentException("faults a second: at most " + faultsPerSMax
                    + " (expected: no bound beside a schedule, which says when each is due)");
        }
    }

    /** A recording with the defaults: services on this machine, 8 tasks on 1 vCPU, 48 MiB resident. */
    public static ReplaySettings of(Path trace) {
        return new ReplaySettings(
                trace,
                new Services("127.0.0.1:7001", "127.0.0.1:7003"),
                new Vm(1, 1, 12_288, PageSize.SIZE_4K),
                new Guest(8, true, true),
                Interruption.NONE,
                Recording.FAULTS_MAX,
                false,
                1,
                false,
                0,
                0,
                Duration.ZERO,
                Duration.ZERO,
                new Schedule.Closed(),
                Duration.ZERO);
    }

    /** These settings against other services. */
    public ReplaySettings withServices(Services newServices) {
        return with(draft -> draft.services = newServices);
    }

    /** These settings for another virtual machine. */
    public ReplaySettings withVm(Vm newVm) {
        return with(draft -> draft.vm = newVm);
    }

    /** These settings with another guest. */
    public ReplaySettings withGuest(Guest newGuest) {
        return with(draft -> draft.guest = newGuest);
    }

    /** These settings with another interruption. */
    public ReplaySettings withInterruption(Interruption newInterruption) {
        return with(draft -> draft.interruption = newInterruption);
    }

    /** These settings for so many faults. */
    public ReplaySettings withFaultsMax(int newFaultsMax) {
        return with(draft -> draft.faultsMax = newFaultsMax);
    }

    /** These settings with malformed lines passed over, or not. */
    public ReplaySettings withSkipsBadLines(boolean newSkipsBadLines) {
        return with(draft -> draft.skipsBadLines = newSkipsBadLines);
    }

    /** These settings with another seed. */
    public ReplaySettings withSeed(long newSeed) {
        return with(draft -> draft.seed = newSeed);
    }

    /** These settings with the memory read back at the end, or not. */
    public ReplaySettings withReadsBack(boolean newReadsBack) {
        return with(draft -> draft.readsBack = newReadsBack);
    }

    /** These settings with at most so many faults a second; 0 for no bound. */
    public ReplaySettings withFaultsPerSMax(int newFaultsPerSMax) {
        return with(draft -> draft.faultsPerSMax = newFaultsPerSMax);
    }

    /** These settings with another deadline for fetches, in milliseconds; 0 for vcpu-service's default. */
    public ReplaySettings withFetchDeadlineMs(int newFetchDeadlineMs) {
        return with(draft -> draft.fetchDeadlineMs = newFetchDeadlineMs);
    }

    /** These settings with another bound on the time; zero for none. */
    public ReplaySettings withTimeMax(Duration newTimeMax) {
        return with(draft -> draft.timeMax = newTimeMax);
    }

    /** These settings with another bound on how long the guest runs; zero for none. */
    public ReplaySettings withRunMax(Duration newRunMax) {
        return with(draft -> draft.runMax = newRunMax);
    }

    /** These settings by another schedule. */
    public ReplaySettings withSchedule(Schedule newSchedule) {
        return with(draft -> draft.schedule = newSchedule);
    }

    /** These settings with broken connections tried again for so long; zero for never. */
    public ReplaySettings withReconnectMax(Duration newReconnectMax) {
        return with(draft -> draft.reconnectMax = newReconnectMax);
    }

    private ReplaySettings with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.settings();
    }

    private static void require(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: "
                    + (max == Long.MAX_VALUE ? "at least " + min : min + " to " + max) + ")");
        }
    }

    /** Settings of which one thing is changed. */
    private static final class Draft {
        private final Path trace;
        private Services services;
        private Vm vm;
        private Guest guest;
        private Interruption interruption;
        private int faultsMax;
        private boolean skipsBadLines;
        private long seed;
        private boolean readsBack;
        private int faultsPerSMax;
        private int fetchDeadlineMs;
        private Duration timeMax;
        private Duration runMax;
        private Schedule schedule;
        private Duration reconnectMax;

        Draft(ReplaySettings from) {
            trace = from.trace;
            services = from.services;
            vm = from.vm;
            guest = from.guest;
            interruption = from.interruption;
            faultsMax = from.faultsMax;
            skipsBadLines = from.skipsBadLines;
            seed = from.seed;
            readsBack = from.readsBack;
            faultsPerSMax = from.faultsPerSMax;
            fetchDeadlineMs = from.fetchDeadlineMs;
            timeMax = from.timeMax;
            runMax = from.runMax;
            schedule = from.schedule;
            reconnectMax = from.reconnectMax;
        }

        ReplaySettings settings() {
            return new ReplaySettings(
                    trace,
                    services,
                    vm,
                    guest,
                    interruption,
                    faultsMax,
                    skipsBadLines,
                    seed,
                    readsBack,
                    faultsPerSMax,
                    fetchDeadlineMs,
                    timeMax,
                    runMax,
                    schedule,
                    reconnectMax);
        }
    }
}
