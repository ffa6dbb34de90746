// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import java.io.IOException;
import java.io.OutputStream;

/** Writes faults to a file, one by one. Not thread-safe. */
public interface TraceWriter {
    /** Formats that can be written. */
    enum Format {
        /** Faultline's own: small, checked, quick to read. */
        BINARY,
        /** A table with a line of column names. */
        CSV;

        /** The format of a file with this name: CSV for .csv, packed or not, and else binary. */
        public static Format ofName(String name) {
            return name.matches(".*\\.csv(\\.gz|\\.zst)?") ? CSV : BINARY;
        }
    }

    /** Adds a fault, which is copied. */
    void write(RecordedFault fault) throws IOException;

    /** Writes what belongs at the end. A file without it is one that was cut off; the stream stays open. */
    void finish() throws IOException;

    /** A writer of a format. */
    static TraceWriter of(Format format, OutputStream out, AddressSpace space, boolean hasTimes) throws IOException {
        return switch (format) {
            case BINARY -> new PackedWriter(out, space, hasTimes);
            case CSV -> new CsvWriter(out, space, hasTimes);
        };
    }
}
