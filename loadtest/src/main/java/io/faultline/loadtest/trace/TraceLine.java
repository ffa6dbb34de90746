// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Understands one line that ftrace printed. A result object rather than a return value, since a line can be four things
 * and most of a file's lines are faults. Not thread-safe.
 */
final class TraceLine {
    /** What a line turned out to be. */
    enum Kind {
        /** Nothing, or a header. */
        COMMENT,
        /** A {@code page_fault_user} event. */
        FAULT,
        /** Another event of the kernel's, well-formed. */
        OTHER_EVENT,
        /** The kernel's note that its buffer overflowed here. */
        LOST_EVENTS,
        /** None of these. */
        BAD
    }

    private static final String EVENT = "page_fault_user";
    private static final String EXPECTED_HEADER = "comm-tid [cpu] flags seconds.micros: " + EVENT + ": …";
    private static final String EXPECTED_FIELDS = "address=0x… ip=0x… error_code=0x… after \"" + EVENT + ":\"";

    /*
     * The name may hold spaces, dashes and brackets, so it is what stands before the last "-tid" that a "[cpu]" follows.
     * The column in round brackets is there with the record-tgid option only.
     */
    private static final Pattern HEADER = Pattern.compile("\\s*(.+)-(\\d{1,10})\\s+(?:\\([\\s\\d-]+\\)\\s+)?"
            + "\\[\\d+]\\s+\\S+\\s+(\\d{1,9})\\.(\\d{6}):\\s+([\\w.]+):(.*)");

    private static final Pattern FIELDS = Pattern.compile(
            "\\s*address=0x([0-9a-f]{1,16})\\s+ip=0x([0-9a-f]{1,16})\\s+error_code=0x([0-9a-f]{1,8})\\s*");

    private static final Pattern LOST = Pattern.compile("CPU:\\d+ \\[LOST (\\d+ )?EVENTS]\\s*");

    private static final long NS_PER_SECOND = 1_000_000_000L;
    private static final long NS_PER_MICRO = 1_000;

    private @Nullable FaultRecord fault;
    private String expected = "";

    /** Parses a line; {@link #fault} and {@link #expected} then speak of it. */
    Kind parse(String line) {
        fault = null;
        expected = "";
        if (line.isBlank() || line.startsWith("#")) {
            return Kind.COMMENT;
        }
        Matcher header = HEADER.matcher(line);
        if (!header.matches()) {
            return LOST.matcher(line).matches() ? Kind.LOST_EVENTS : bad(EXPECTED_HEADER);
        }
        if (!header.group(5).equals(EVENT)) {
            return Kind.OTHER_EVENT;
        }
        Matcher fields = FIELDS.matcher(header.group(6));
        if (!fields.matches()) {
            return bad(EXPECTED_FIELDS);
        }
        long threadId = Long.parseLong(header.group(2));
        if (threadId > Integer.MAX_VALUE) {
            return bad("a thread id of at most " + Integer.MAX_VALUE);
        }
        long timeNs = Long.parseLong(header.group(3)) * NS_PER_SECOND + Long.parseLong(header.group(4)) * NS_PER_MICRO;
        fault = new FaultRecord(
                (int) threadId,
                header.group(1),
                timeNs,
                Long.parseUnsignedLong(fields.group(1), 16),
                Long.parseUnsignedLong(fields.group(2), 16),
                Integer.parseUnsignedInt(fields.group(3), 16));
        return Kind.FAULT;
    }

    /** The fault of the last line, when that was {@link Kind#FAULT}; else null. */
    @Nullable
    FaultRecord fault() {
        return fault;
    }

    /** What the last line should have been, when it was {@link Kind#BAD}. */
    String expected() {
        return expected;
    }

    private Kind bad(String expectation) {
        expected = expectation;
        return Kind.BAD;
    }
}
