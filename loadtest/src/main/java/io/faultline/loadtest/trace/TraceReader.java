// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the faults of a recording in any format that is known, plain or packed, one by one and with bounded memory. Both
 * are told by the content. Not thread-safe.
 */
public final class TraceReader implements AutoCloseable {
    /** The first that recognises a file reads it, so formats that are told by less come later. */
    private static final List<TraceFormat> FORMATS = List.of(
            new PackedFormat(),
            new OracleGeneralFormat(),
            new FltraceFormat(),
            new CsvFormat(),
            new TracepointFormat(),
            new LackeyFormat());

    private static final int BUFFER_BYTES = 1 << 16;

    private final Path file;
    private final InputStream in;
    private final Compression compression;
    private final BadLines badLines;
    private final FaultSource source;
    private final RecordedFault fault = new RecordedFault();

    private TraceReader(Path file, InputStream in, Compression compression, BadLines badLines, FaultSource source) {
        this.file = file;
        this.in = in;
        this.compression = compression;
        this.badLines = badLines;
        this.source = source;
    }

    /**
     * Opens a recording.
     *
     * @param skipsBadLines whether a malformed line is counted and passed over instead of being an error
     * @throws TraceException when there is no such file, it cannot be read, or it is in no format that is known
     */
    public static TraceReader open(Path file, boolean skipsBadLines) {
        if (!Files.isRegularFile(file)) {
            throw new TraceException(file + ": no such file (expected: a recording)", null);
        }
        BadLines badLines = new BadLines(skipsBadLines);
        try {
            BufferedInputStream packed = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES);
            try {
                return open(file, packed, badLines);
            } catch (IOException | RuntimeException e) {
                packed.close();
                throw e;
            }
        } catch (TraceFormatException e) {
            throw new TraceException(file + e.getMessage(), e);
        } catch (IOException e) {
            throw new TraceException(file + ": cannot be opened: " + e.getMessage(), e);
        }
    }

    private static TraceReader open(Path file, BufferedInputStream packed, BadLines badLines) throws IOException {
        Compression compression = Compression.of(packed);
        try {
            InputStream in = compression.unpacked(packed);
            return new TraceReader(file, in, compression, badLines, source(new TraceBytes(in), badLines));
        } catch (TraceFormatException e) {
            throw e;
        } catch (IOException e) {
            throw new TraceFormatException(compression.failed(e, "its beginning"));
        }
    }

    private static FaultSource source(TraceBytes bytes, BadLines badLines) throws IOException {
        TraceHead head = new TraceHead(bytes.peek(TraceHead.BYTES_MAX));
        for (TraceFormat format : FORMATS) {
            if (format.recognises(head)) {
                return format.open(head, bytes, badLines);
            }
        }
        IOException failure = bytes.failure();
        if (failure != null) {
            throw failure;
        }
        String expected = FORMATS.stream().map(TraceFormat::title).collect(Collectors.joining("; "));
        String first = CsvFormat.header(head);
        String found = first == null || !head.isText() ? "" : ", line 1: \"" + BadLines.excerpt(Line.of(first)) + "\"";
        throw new TraceFormatException(found + ": no format that is known (expected one of: " + expected + ")");
    }

    /**
     * The next fault, or null at the end. The same object each time: it is valid until the next call.
     *
     * @throws TraceException for a malformed line (unless those are skipped) and for a file that is cut off or damaged
     */
    public @Nullable RecordedFault next() {
        try {
            return source.next(fault) ? fault : null;
        } catch (TraceFormatException e) {
            throw new TraceException(file + e.getMessage(), e);
        } catch (IOException e) {
            throw new TraceException(file + compression.failed(e, source.progress()), e);
        }
    }

    /** What the faults are, for a person: such as "kvm_page_fault events". */
    public String description() {
        return source.description();
    }

    /** How the file is packed. */
    public Compression compression() {
        return compression;
    }

    /** What the addresses are. */
    public AddressSpace addressSpace() {
        return source.addressSpace();
    }

    /** Whether faults have times; else they are all at 0. */
    public boolean hasTimes() {
        return source.hasTimes();
    }

    /** How many lines were read, headers included, or records of a binary format. */
    public long linesRead() {
        return source.unitsRead();
    }

    /** How many malformed lines were passed over. */
    public long badLines() {
        return badLines.count();
    }

    /** How many events of other kinds were passed over. */
    public long otherEvents() {
        return source.otherEvents();
    }

    /** At how many places the recorder says that it lost events. */
    public long lostEventsMarks() {
        return source.lostEventsMarks();
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            throw new TraceException(file + ": cannot be closed: " + e.getMessage(), e);
        }
    }
}
