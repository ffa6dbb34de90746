// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Set;

/** Events of the kernel as text: what ftrace, trace-cmd report and perf script print. */
final class TracepointFormat implements TraceFormat {
    private static final byte[] TRACER = "# tracer:".getBytes(StandardCharsets.ISO_8859_1);

    @Override
    public String title() {
        return "events as ftrace, trace-cmd report or perf script print them";
    }

    @Override
    public boolean recognises(TraceHead head) {
        TracepointHeader header = new TracepointHeader();
        return head.isText() && (head.startsWith(TRACER) || head.anyLine(header::parse));
    }

    @Override
    public FaultSource open(TraceHead head, TraceBytes bytes, BadLines badLines) {
        TracepointHeader header = new TracepointHeader();
        Set<TracepointEvent> found = EnumSet.noneOf(TracepointEvent.class);
        head.anyLine(line -> {
            TracepointEvent event = header.parse(line) ? TracepointParser.eventOf(line, header) : null;
            if (event != null) {
                found.add(event);
            }
            return false;
        });
        return new LineSource(
                bytes,
                new TracepointParser(found.isEmpty() ? null : found.iterator().next()),
                badLines);
    }
}
