// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

/** Understands the lines of one text format. Not thread-safe. */
interface LineParser {
    /** What a line turned out to be. */
    enum Kind {
        /** Nothing, or a header. */
        COMMENT,
        /** A fault. */
        FAULT,
        /** An event of another kind, well-formed. */
        OTHER_EVENT,
        /** The recorder's note that its buffer overflowed here. */
        LOST_EVENTS,
        /** None of these. */
        BAD
    }

    /** Parses a line; a fault is written into the object given, which is at its defaults. */
    Kind parse(Line line, RecordedFault fault);

    /** Whether the last line stands for one more fault, which is then written; for a line that tells of a range. */
    default boolean more(RecordedFault fault) {
        return false;
    }

    /** What the last line should have been, when it was {@link Kind#BAD}. */
    String expected();

    /** What the faults are, such as "kvm_page_fault events". */
    String description();

    /** What their addresses are. */
    AddressSpace addressSpace();

    /** Whether they have times. */
    boolean hasTimes();
}
