// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Understands the lines of ftrace, trace-cmd report and perf script. Not thread-safe. */
final class TracepointParser implements LineParser {
    private static final String EXPECTED_HEADER = "comm-tid [cpu] flags seconds.micros: event: …";
    private static final byte[] CPU = "CPU".getBytes(StandardCharsets.ISO_8859_1);
    private static final byte[] VERSION = "version = ".getBytes(StandardCharsets.ISO_8859_1);
    private static final byte[] CPUS = "cpus=".getBytes(StandardCharsets.ISO_8859_1);
    private static final byte[] IS_EMPTY = " is empty".getBytes(StandardCharsets.ISO_8859_1);

    private final TracepointHeader header = new TracepointHeader();
    private final ThreadNames names = new ThreadNames();
    private @Nullable TracepointEvent chosen;
    private String expected = "";

    /**
     * A parser that takes one kind of event.
     *
     * @param chosen which; null for the first that tells of a fault
     */
    TracepointParser(@Nullable TracepointEvent chosen) {
        this.chosen = chosen;
    }

    @Override
    public Kind parse(Line line, RecordedFault fault) {
        if (!header.parse(line)) {
            return headerless(line);
        }
        if (chosen == null) {
            chosen = eventOf(line, header);
        }
        if (chosen == null || !chosen.isEventOf(line, header)) {
            return Kind.OTHER_EVENT;
        }
        fault.at(header.timeNs());
        fault.by(header.threadId(), names.name(header.threadId(), line.bytes(), header.nameStart(), header.nameEnd()));
        line.skipBlanks();
        if (!chosen.parse(line, fault) || !line.isAtEnd()) {
            expected = chosen.text() + " after \"" + chosen.eventName() + ":\"";
            return Kind.BAD;
        }
        return Kind.FAULT;
    }

    /** The event that a line tells of; null for one that tells of no fault. */
    static @Nullable TracepointEvent eventOf(Line line, TracepointHeader header) {
        for (TracepointEvent event : TracepointEvent.values()) {
            if (event.isEventOf(line, header)) {
                return event;
            }
        }
        return null;
    }

    private Kind headerless(Line line) {
        line.moveTo(line.start());
        if (line.isAtEnd() || line.bytes()[line.start()] == '#') {
            return Kind.COMMENT;
        }
        line.moveTo(line.start());
        if (line.take(VERSION) || line.take(CPUS)) {
            return Kind.COMMENT;
        }
        if (line.take(CPU)) {
            return cpu(line);
        }
        return bad();
    }

    /** {@code CPU:1 [LOST 312 EVENTS]} of ftrace; {@code CPU:1 [312 EVENTS DROPPED]}, {@code CPU 1 is empty} of trace-cmd. */
    private Kind cpu(Line line) {
        boolean isNote = line.take(':');
        if ((!isNote && !line.take(' ')) || !line.takeDecimal()) {
            return bad();
        }
        if (!isNote) {
            return line.take(IS_EMPTY) ? Kind.COMMENT : bad();
        }
        String note = line.text();
        return note.matches("CPU:\\d+ \\[(LOST (\\d+ )?EVENTS|(\\d+ )?EVENTS DROPPED)]\\s*") ? Kind.LOST_EVENTS : bad();
    }

    private Kind bad() {
        expected = EXPECTED_HEADER;
        return Kind.BAD;
    }

    @Override
    public String expected() {
        return expected;
    }

    @Override
    public String description() {
        return chosen == null ? "no event that tells of a fault" : chosen.eventName() + " events";
    }

    @Override
    public AddressSpace addressSpace() {
        return chosen == null ? AddressSpace.VIRTUAL : chosen.addressSpace();
    }

    @Override
    public boolean hasTimes() {
        return true;
    }
}
