// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace.info;

import io.faultline.loadtest.trace.AddressSpace;
import io.faultline.loadtest.trace.Compression;
import io.faultline.loadtest.trace.TraceReader;
import io.faultline.model.Access;
import io.faultline.model.Privilege;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** What is found in a recording, for a person. */
final class TraceInfoText {
    private static final int THREADS_SHOWN = 8;
    private static final int INTERVALS_SHOWN = 16;
    private static final int BAR_CHARACTERS = 30;
    private static final int CURVE_ROWS = 12;
    private static final double NS_PER_SECOND = 1e9;
    private static final double BYTES_PER_MIB = 1 << 20;
    private static final double PERCENT = 100;

    private final StringBuilder text = new StringBuilder();
    private final TraceProfile profile;

    private TraceInfoText(TraceProfile profile) {
        this.profile = profile;
    }

    /** A text, lines ended. The working set's intervals are made longer until they fit. */
    static String of(Path file, TraceReader reader, TraceProfile profile) {
        TraceInfoText info = new TraceInfoText(profile);
        info.source(file, reader);
        info.counts();
        info.threads();
        info.workingSet();
        info.misses();
        return info.text.toString();
    }

    private void source(Path file, TraceReader reader) {
        line("%s: %s%s, %s addresses", file.getFileName(), reader.description(), packed(reader), space(reader));
        if (reader.badLines() + reader.otherEvents() + reader.lostEventsMarks() > 0) {
            line(
                    "  passed over: %,d malformed lines, %,d other events; events were lost at %,d places",
                    reader.badLines(), reader.otherEvents(), reader.lostEventsMarks());
        }
    }

    private static String packed(TraceReader reader) {
        return reader.compression() == Compression.NONE
                ? ""
                : " in " + reader.compression().name().toLowerCase(Locale.ROOT);
    }

    private static String space(TraceReader reader) {
        return reader.addressSpace() == AddressSpace.VIRTUAL ? "virtual" : "guest-physical";
    }

    private void counts() {
        line("");
        line(
                "faults   %,14d   %,d reads, %,d writes, %,d fetches; %,d by a kernel",
                profile.faults(),
                profile.count(Access.READ),
                profile.count(Access.WRITE),
                profile.count(Access.EXECUTE),
                profile.count(Privilege.KERNEL));
        long pages = profile.misses().pages();
        line(
                "pages    %,14d   of %,d bytes: %,.1f MiB%s",
                pages,
                profile.pageBytes(),
                pages * profile.pageBytes() / BYTES_PER_MIB,
                isExact()
                        ? ""
                        : "; estimated from one page in "
                                + Math.round(1 / profile.misses().rate()));
        if (profile.hasTimes()) {
            double seconds = profile.duration() / NS_PER_SECOND;
            line(
                    "time     %,14.3f s %s",
                    seconds, seconds > 0 ? "%,.0f faults/s".formatted(profile.faults() / seconds) : "");
        } else {
            line("time                  not recorded");
        }
    }

    private void threads() {
        List<TraceProfile.ThreadFaults> threads = profile.threads();
        line("threads  %,14d", threads.size());
        for (TraceProfile.ThreadFaults thread : threads.subList(0, Math.min(threads.size(), THREADS_SHOWN))) {
            line(
                    "  %10d  %-16s %,14d faults  %5.1f %%",
                    thread.id(), thread.comm(), thread.faults(), share(thread.faults()));
        }
        if (threads.size() > THREADS_SHOWN) {
            line("  … and %,d more", threads.size() - THREADS_SHOWN);
        }
    }

    private void workingSet() {
        WorkingSet workingSet = profile.workingSet();
        workingSet.coarsen(INTERVALS_SHOWN);
        List<WorkingSet.Interval> intervals = workingSet.intervals();
        long most =
                intervals.stream().mapToLong(WorkingSet.Interval::pages).max().orElse(0);
        line("");
        line("%14s %14s %14s  working set", profile.hasTimes() ? "from s" : "from fault", "faults", "pages");
        long from = 0;
        for (WorkingSet.Interval interval : intervals) {
            String at = profile.hasTimes() ? "%,14.3f".formatted(from / NS_PER_SECOND) : "%,14d".formatted(from);
            line("%s %,14d %,14d  %s", at, interval.faults(), interval.pages(), bar(interval.pages(), most));
            from += workingSet.width();
        }
    }

    private static String bar(long value, long most) {
        return most == 0 ? "" : "#".repeat((int) Math.ceilDiv(value * BAR_CHARACTERS, most));
    }

    private void misses() {
        long pages = profile.misses().pages();
        line("");
        line("%14s %14s %14s %8s  missed by least recently used", "memory pages", "MiB", "misses", "share");
        long largest = 1;
        while (largest < pages) {
            largest *= 2;
        }
        for (long capacity = Math.max(1, largest >>> (CURVE_ROWS - 1)); capacity <= largest; capacity *= 2) {
            long misses = profile.misses().misses(capacity);
            line(
                    "%,14d %,14.1f %,14d %6.1f %%  %s",
                    capacity,
                    capacity * profile.pageBytes() / BYTES_PER_MIB,
                    misses,
                    share(misses),
                    bar(misses, profile.faults()));
        }
    }

    private boolean isExact() {
        return profile.misses().rate() == 1;
    }

    private double share(long faults) {
        return PERCENT * faults / Math.max(1, profile.faults());
    }

    @SuppressWarnings("AnnotateFormatMethod") // Every format is a literal above.
    private void line(String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values).stripTrailing()).append(System.lineSeparator());
    }
}
