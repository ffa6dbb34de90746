// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import java.util.ArrayList;
import java.util.List;

/**
 * The faults that fltrace records through userfaultfd (github.com/eden-farmem/fltrace, src/rmem/fsampler.c): a table that
 * begins with {@code tstamp,ip,addr}; tstamp in seconds of the day's clock, addr hexadecimal without 0x, flags those of the
 * userfaultfd message in decimal, pages how many neighbouring pages a thread touched in one go, of which each is a fault here.
 * All is user mode, and threads have no names.
 */
final class FltraceFormat implements TraceFormat {
    private static final String HEADER = "tstamp,ip,addr,";

    @Override
    public String title() {
        return "fltrace's CSV";
    }

    @Override
    public boolean recognises(TraceHead head) {
        String header = CsvFormat.header(head);
        return head.isText() && header != null && header.startsWith(HEADER);
    }

    @Override
    public FaultSource open(TraceHead head, TraceBytes bytes, BadLines badLines) {
        List<CsvColumn> columns = new ArrayList<>();
        String header = CsvFormat.header(head);
        for (String name : (header == null ? HEADER : header).split(",", -1)) {
            columns.add(
                    switch (name) {
                        case "tstamp" -> CsvColumn.TIME_S;
                        case "addr" -> CsvColumn.BARE_HEX_ADDRESS;
                        case "pages" -> CsvColumn.PAGES;
                        case "flags" -> CsvColumn.UFFD_FLAGS;
                        case "tid" -> CsvColumn.THREAD;
                        default -> CsvColumn.OTHER;
                    });
        }
        return new LineSource(bytes, new CsvParser("faults of fltrace", columns), badLines);
    }
}
