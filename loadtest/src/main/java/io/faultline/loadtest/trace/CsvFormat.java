// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table of one's own: a line of column names, then a row a fault, fields apart by commas. One column says where, as
 * {@link CsvColumn} lists their names; the others may be missing, and any further ones are passed over. Blank lines and lines
 * that begin with # are comments.
 */
final class CsvFormat implements TraceFormat {
    @Override
    public String title() {
        return "CSV with a line of column names, one of them address, page, ipa, gpa or gfn";
    }

    @Override
    public boolean recognises(TraceHead head) {
        String header = header(head);
        return head.isText()
                && header != null
                && CsvColumn.ofHeader(header).stream()
                                .filter(CsvColumn::isPlace)
                                .count()
                        == 1;
    }

    @Override
    public FaultSource open(TraceHead head, TraceBytes bytes, BadLines badLines) {
        String header = header(head);
        List<CsvColumn> columns = CsvColumn.ofHeader(header == null ? "" : header);
        return new LineSource(bytes, new CsvParser("rows of a CSV table", columns), badLines);
    }

    /** The first line that is no comment; null when there is none. */
    static @Nullable String header(TraceHead head) {
        Line header = head.firstLine(line -> {
            line.moveTo(line.start());
            return !line.isAtEnd() && line.bytes()[line.start()] != '#';
        });
        return header == null ? null : header.text();
    }
}
