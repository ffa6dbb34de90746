// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Writes a table that {@link CsvFormat} reads. Not thread-safe. */
final class CsvWriter implements TraceWriter {
    private static final int BUFFER_CHARACTERS = 1 << 16;

    private final OutputStream out;
    private final boolean hasTimes;
    private final StringBuilder rows = new StringBuilder(BUFFER_CHARACTERS);

    CsvWriter(OutputStream out, AddressSpace space, boolean hasTimes) {
        this.out = out;
        this.hasTimes = hasTimes;
        rows.append(hasTimes ? "time_ns," : "")
                .append("thread,comm,")
                .append(space == AddressSpace.VIRTUAL ? "address" : "gpa")
                .append(",access,privilege\n");
    }

    @Override
    public void write(RecordedFault fault) throws IOException {
        if (hasTimes) {
            rows.append(fault.timeNs()).append(',');
        }
        rows.append(fault.threadId()).append(',');
        appendName(fault.comm());
        rows.append(",0x")
                .append(Long.toHexString(fault.address()))
                .append(',')
                .append(fault.access().name().toLowerCase(Locale.ROOT))
                .append(',')
                .append(fault.privilege().name().toLowerCase(Locale.ROOT))
                .append('\n');
        if (rows.length() >= BUFFER_CHARACTERS) {
            flush();
        }
    }

    @Override
    public void finish() throws IOException {
        flush();
        out.flush();
    }

    /** In quotes where it is needed; a quote or a line end, which a field of ours cannot hold, becomes a question mark. */
    private void appendName(String name) {
        boolean isQuoted = name.indexOf(',') >= 0 || !name.equals(name.strip());
        rows.append(isQuoted ? "\"" : "");
        for (int i = 0; i < name.length(); i++) {
            char character = name.charAt(i);
            rows.append(character == '"' || character == '\n' || character == '\r' ? '?' : character);
        }
        rows.append(isQuoted ? "\"" : "");
    }

    private void flush() throws IOException {
        out.write(rows.toString().getBytes(StandardCharsets.ISO_8859_1));
        rows.setLength(0);
    }
}
