// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace.info;

import io.faultline.loadtest.trace.RecordedFault;
import io.faultline.loadtest.trace.TraceReader;
import io.faultline.model.Access;
import io.faultline.model.PageSize;
import io.faultline.model.Privilege;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is found in a recording in one pass and bounded memory, however long it is: at most about 60 MiB with a million known
 * pages. Not thread-safe.
 */
final class TraceProfile {
    /** How many pages are known at once; of a recording with more, working set and misses are estimates. */
    static final int PAGES_MAX = 1 << 20;

    /** How many threads are told apart; further ones count as one, with id -1. */
    static final int THREADS_MAX = 1 << 16;

    /** A thread and how often it faulted. */
    static final class ThreadFaults {
        private final int id;
        private final String comm;
        private long faults;

        ThreadFaults(int id, String comm) {
            this.id = id;
            this.comm = comm;
        }

        int id() {
            return id;
        }

        String comm() {
            return comm;
        }

        long faults() {
            return faults;
        }
    }

    private final int pageShift;
    private final boolean hasTimes;
    private final PageHistory history;
    private final MissCurve misses = new MissCurve();
    private final WorkingSet workingSet = new WorkingSet();
    private final Map<Integer, ThreadFaults> threads = new HashMap<>();
    private final long[] byAccess = new long[Access.values().length];
    private final long[] byPrivilege = new long[Privilege.values().length];
    private ThreadFaults lastThread = new ThreadFaults(-1, "");
    private long faults;
    private long beginNs;
    private long time;

    TraceProfile(PageSize pageSize, boolean hasTimes, int pagesMax) {
        pageShift = pageSize.shift();
        this.hasTimes = hasTimes;
        history = new PageHistory(pagesMax);
    }

    /** Reads what is left of a recording. */
    static TraceProfile of(TraceReader reader, PageSize pageSize) {
        TraceProfile profile = new TraceProfile(pageSize, reader.hasTimes(), PAGES_MAX);
        @Nullable RecordedFault fault;
        while ((fault = reader.next()) != null) {
            profile.add(fault);
        }
        return profile;
    }

    /** Reads a whole recording. */
    static TraceProfile of(Path file, PageSize pageSize) {
        try (TraceReader reader = TraceReader.open(file, false)) {
            return of(reader, pageSize);
        }
    }

    void add(RecordedFault fault) {
        thread(fault).faults++;
        byAccess[fault.access().code()]++;
        byPrivilege[fault.privilege().code()]++;
        add(fault.timeNs(), fault.address() >>> pageShift);
    }

    /** Counts a page's reference. Recorders of several processors print a little out of order; time stands still then. */
    private void add(long timeNs, long page) {
        if (faults == 0) {
            beginNs = timeNs;
        }
        time = hasTimes ? Math.max(time, timeNs - beginNs) : faults;
        faults++;
        workingSet.addFault(time);
        int halvings = history.halvings();
        int distance = history.reference(page, time);
        misses.add(distance);
        if (distance != PageHistory.NOT_SAMPLED) {
            workingSet.addPage(
                    distance == PageHistory.FIRST ? WorkingSet.NEVER : history.previousTime(), 1 / misses.rate());
        }
        for (; halvings < history.halvings(); halvings++) {
            misses.halve();
        }
    }

    private ThreadFaults thread(RecordedFault fault) {
        if (fault.threadId() != lastThread.id || faults == 0) {
            lastThread = threads.computeIfAbsent(
                    threads.size() < THREADS_MAX || threads.containsKey(fault.threadId()) ? fault.threadId() : -1,
                    id -> new ThreadFaults(id, id < 0 ? "others" : fault.comm()));
        }
        return lastThread;
    }

    long faults() {
        return faults;
    }

    boolean hasTimes() {
        return hasTimes;
    }

    /** From the first fault to the last, in nanoseconds; without times in faults. */
    long duration() {
        return time;
    }

    int pageBytes() {
        return 1 << pageShift;
    }

    long count(Access access) {
        return byAccess[access.code()];
    }

    long count(Privilege privilege) {
        return byPrivilege[privilege.code()];
    }

    /** The threads, those with the most faults first. */
    List<ThreadFaults> threads() {
        List<ThreadFaults> sorted = new ArrayList<>(threads.values());
        sorted.sort(Comparator.comparingLong(ThreadFaults::faults).reversed().thenComparingInt(ThreadFaults::id));
        return sorted;
    }

    MissCurve misses() {
        return misses;
    }

    WorkingSet workingSet() {
        return workingSet;
    }
}
