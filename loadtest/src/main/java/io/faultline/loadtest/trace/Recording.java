// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import io.faultline.model.Access;
import io.faultline.model.PageSize;
import io.faultline.model.Privilege;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A fault stream in memory, in the order in which it was recorded, its addresses mapped onto guest frames: 18 bytes a
 * fault. Immutable once loaded, safe for use by any thread.
 */
public final class Recording {
    /** The most faults that are held in memory; a longer recording is replayed in part. */
    public static final int FAULTS_MAX = 20_000_000;

    /**
     * How a recording is loaded.
     *
     * @param pageSize the guest's page size
     * @param memslotsMax how many memslots its pages may use
     * @param faultsMax how many faults to take from its beginning, 1 to {@link #FAULTS_MAX}
     * @param skipsBadLines whether malformed lines are counted and passed over
     */
    public record Options(PageSize pageSize, int memslotsMax, int faultsMax, boolean skipsBadLines) {
        /** Options with sane numbers. */
        public Options {
            if (faultsMax < 1 || faultsMax > FAULTS_MAX) {
                throw new IllegalArgumentException("faults: " + faultsMax + " (expected: 1 to " + FAULTS_MAX + ")");
            }
        }
    }

    /**
     * A recorded thread.
     *
     * @param id the kernel's thread id
     * @param comm the name it had first
     */
    public record RecordedThread(int id, String comm) {}

    private final AddressMap addressMap;
    private final int[] pageIndexes;
    private final int[] threadIndexes;
    private final byte[] accessCodes;
    private final byte[] privilegeCodes;
    private final long[] timesNs;
    private final List<RecordedThread> threads;
    private final long badLines;

    private Recording(Loader loader, AddressMap addressMap, long badLines) {
        this.addressMap = addressMap;
        pageIndexes = new int[loader.count];
        for (int i = 0; i < loader.count; i++) {
            pageIndexes[i] = addressMap.pageIndex(loader.addresses[i]);
        }
        threadIndexes = Arrays.copyOf(loader.threadIndexes, loader.count);
        accessCodes = Arrays.copyOf(loader.accessCodes, loader.count);
        privilegeCodes = Arrays.copyOf(loader.privilegeCodes, loader.count);
        timesNs = loader.timesSinceFirst();
        threads = List.copyOf(loader.threads);
        this.badLines = badLines;
    }

    /**
     * Reads a recording.
     *
     * @throws TraceException when it cannot be read, a line is malformed, or it holds no faults
     */
    public static Recording load(Path file, Options options) {
        try (TraceReader reader = TraceReader.open(file, options.skipsBadLines())) {
            Loader loader = new Loader();
            @Nullable RecordedFault fault;
            while (loader.count < options.faultsMax() && (fault = reader.next()) != null) {
                loader.add(fault);
            }
            if (loader.count == 0) {
                throw new TraceException(
                        file + ": no page faults in " + reader.linesRead() + " lines or records (found: "
                                + reader.description() + ")",
                        null);
            }
            long[] addresses = Arrays.copyOf(loader.addresses, loader.count);
            AddressMap map = AddressMap.of(addresses, options.pageSize(), options.memslotsMax());
            return new Recording(loader, map, reader.badLines());
        }
    }

    /** How many faults there are, at least 1. */
    public int faultCount() {
        return pageIndexes.length;
    }

    /** Which page a fault touched, as the address map counts them. */
    public int pageIndex(int fault) {
        return pageIndexes[fault];
    }

    /** Which thread faulted, an index into {@link #threads}. */
    public int threadIndex(int fault) {
        return threadIndexes[fault];
    }

    /** What the instruction wanted to do. */
    public Access access(int fault) {
        return Access.of(accessCodes[fault]);
    }

    /** In which privilege it did. */
    public Privilege privilege(int fault) {
        return Privilege.of(privilegeCodes[fault]);
    }

    /** When a fault was recorded, in nanoseconds since the first; never earlier than those before it. */
    public long timeNs(int fault) {
        return timesNs[fault];
    }

    /** Whether the recording says when its faults were. */
    public boolean hasTimes() {
        return timesNs[timesNs.length - 1] > 0;
    }

    /** The recorded threads in the order of their first faults. */
    public List<RecordedThread> threads() {
        return threads;
    }

    /** Where the recorded pages are in the guest. */
    public AddressMap addressMap() {
        return addressMap;
    }

    /** How many malformed lines were passed over. */
    public long badLines() {
        return badLines;
    }

    /** Gathers faults while the number of pages is not yet known. */
    private static final class Loader {
        private static final int CAPACITY_FIRST = 1 << 16;

        private long[] addresses = new long[CAPACITY_FIRST];
        private int[] threadIndexes = new int[CAPACITY_FIRST];
        private byte[] accessCodes = new byte[CAPACITY_FIRST];
        private byte[] privilegeCodes = new byte[CAPACITY_FIRST];
        private long[] timesNs = new long[CAPACITY_FIRST];
        private final List<RecordedThread> threads = new ArrayList<>();
        private final Map<Integer, Integer> indexOfThread = new HashMap<>();
        private int count;

        void add(RecordedFault fault) {
            if (count == addresses.length) {
                addresses = Arrays.copyOf(addresses, count * 2);
                threadIndexes = Arrays.copyOf(threadIndexes, count * 2);
                accessCodes = Arrays.copyOf(accessCodes, count * 2);
                privilegeCodes = Arrays.copyOf(privilegeCodes, count * 2);
                timesNs = Arrays.copyOf(timesNs, count * 2);
            }
            addresses[count] = fault.address();
            threadIndexes[count] = indexOfThread.computeIfAbsent(fault.threadId(), id -> {
                threads.add(new RecordedThread(id, fault.comm()));
                return threads.size() - 1;
            });
            accessCodes[count] = (byte) fault.access().code();
            privilegeCodes[count] = (byte) fault.privilege().code();
            timesNs[count] = fault.timeNs();
            count++;
        }

        /* Recorders write a buffer for each processor, so that neighbours may be a little out of order. */
        long[] timesSinceFirst() {
            long[] times = new long[count];
            long latest = timesNs[0];
            for (int i = 0; i < count; i++) {
                latest = Math.max(latest, timesNs[i]);
                times[i] = latest - timesNs[0];
            }
            return times;
        }
    }
}
