// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import java.io.IOException;

/** The faults of one file, one by one. Not thread-safe. */
interface FaultSource {
    /**
     * Reads the next fault into the object given; false at the end.
     *
     * @throws TraceFormatException for a file that is cut off or damaged
     */
    boolean next(RecordedFault fault) throws IOException;

    /** What the faults are, such as "kvm_page_fault events". */
    String description();

    /** What their addresses are. */
    AddressSpace addressSpace();

    /** Whether they have times. */
    boolean hasTimes();

    /** How far reading came, such as "12 whole lines". */
    String progress();

    /** How many lines, or records, were read. */
    long unitsRead();

    /** How many events of other kinds were passed over. */
    default long otherEvents() {
        return 0;
    }

    /** At how many places the recorder says that it lost events. */
    default long lostEventsMarks() {
        return 0;
    }
}
