// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import java.io.IOException;

/** The faults of a text, of which a line is none or one, seldom more. Not thread-safe. */
final class LineSource implements FaultSource {
    private final TraceBytes bytes;
    private final LineParser parser;
    private final BadLines badLines;
    private final Line line = new Line();
    private long linesRead;
    private long otherEvents;
    private long lostEventsMarks;

    LineSource(TraceBytes bytes, LineParser parser, BadLines badLines) {
        this.bytes = bytes;
        this.parser = parser;
        this.badLines = badLines;
    }

    @Override
    public boolean next(RecordedFault fault) throws IOException {
        if (parser.more(fault)) {
            return true;
        }
        while (bytes.nextLine(line)) {
            linesRead++;
            fault.clear();
            switch (parser.parse(line, fault)) {
                case FAULT -> {
                    return true;
                }
                case OTHER_EVENT -> otherEvents++;
                case LOST_EVENTS -> lostEventsMarks++;
                case BAD -> badLines.add(linesRead, line, parser.expected());
                case COMMENT -> {}
            }
        }
        return false;
    }

    @Override
    public String description() {
        return parser.description();
    }

    @Override
    public AddressSpace addressSpace() {
        return parser.addressSpace();
    }

    @Override
    public boolean hasTimes() {
        return parser.hasTimes();
    }

    @Override
    public String progress() {
        return linesRead + " whole lines";
    }

    @Override
    public long unitsRead() {
        return linesRead;
    }

    @Override
    public long otherEvents() {
        return otherEvents;
    }

    @Override
    public long lostEventsMarks() {
        return lostEventsMarks;
    }
}
