// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the page faults of an ftrace text, plain or gzip (told apart by their first bytes), one by one and with bounded
 * memory. Headers, comments and other events are passed over. Not thread-safe.
 */
public final class TraceReader implements AutoCloseable {
    private static final int GZIP_MAGIC_1 = 0x1f;
    private static final int GZIP_MAGIC_2 = 0x8b;
    private static final int EXCERPT_CHARACTERS = 120;

    private final Path file;
    private final boolean skipsBadLines;
    private final InputStream in;
    private final LineReader lines;
    private final TraceLine line = new TraceLine();
    private long badLines;
    private long otherEvents;
    private long lostEventsMarks;

    private TraceReader(Path file, InputStream in, boolean skipsBadLines) {
        this.file = file;
        this.in = in;
        this.skipsBadLines = skipsBadLines;
        lines = new LineReader(in);
    }

    /**
     * Opens a recording.
     *
     * @param skipsBadLines whether a malformed line is counted and passed over instead of being an error
     * @throws TraceException when there is no such file, or it cannot be read
     */
    public static TraceReader open(Path file, boolean skipsBadLines) {
        if (!Files.isRegularFile(file)) {
            throw new TraceException(file + ": no such file (expected: an ftrace text, plain or gzip)", null);
        }
        try {
            return new TraceReader(file, unpacked(new BufferedInputStream(Files.newInputStream(file))), skipsBadLines);
        } catch (IOException e) {
            throw new TraceException(file + ": cannot be opened: " + e.getMessage(), e);
        }
    }

    private static InputStream unpacked(BufferedInputStream bytes) throws IOException {
        try {
            bytes.mark(2);
            boolean isGzip = bytes.read() == GZIP_MAGIC_1 && bytes.read() == GZIP_MAGIC_2;
            bytes.reset();
            return isGzip ? new GZIPInputStream(bytes, 1 << 16) : bytes;
        } catch (IOException e) {
            bytes.close();
            throw e;
        }
    }

    /**
     * The next fault, or null at the end.
     *
     * @throws TraceException for a malformed line (unless those are skipped) and for a file that is cut off or damaged
     */
    public @Nullable FaultRecord next() {
        String text;
        while ((text = nextLine()) != null) {
            switch (line.parse(text)) {
                case FAULT -> {
                    return line.fault();
                }
                case OTHER_EVENT -> otherEvents++;
                case LOST_EVENTS -> lostEventsMarks++;
                case BAD -> bad(text);
                case COMMENT -> {}
            }
        }
        return null;
    }

    /** How many lines were read, headers included. */
    public long linesRead() {
        return lines.linesRead();
    }

    /** How many malformed lines were passed over. */
    public long badLines() {
        return badLines;
    }

    /** How many events of other kinds were passed over. */
    public long otherEvents() {
        return otherEvents;
    }

    /** At how many places the recorder says that it lost events. */
    public long lostEventsMarks() {
        return lostEventsMarks;
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            throw new TraceException(file + ": cannot be closed: " + e.getMessage(), e);
        }
    }

    private @Nullable String nextLine() {
        try {
            return lines.next();
        } catch (EOFException e) {
            throw new TraceException(
                    file + ": the gzip data end early, after " + linesRead()
                            + " whole lines (expected: a complete file)",
                    e);
        } catch (ZipException e) {
            throw new TraceException(
                    file + ": the gzip data are damaged after " + linesRead() + " whole lines: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new TraceException(
                    file + ": cannot be read after " + linesRead() + " whole lines: " + e.getMessage(), e);
        }
    }

    private void bad(String text) {
        badLines++;
        if (!skipsBadLines) {
            throw new TraceException(
                    file + ", line " + linesRead() + ": \"" + excerpt(text) + "\" (expected: " + line.expected() + ")",
                    null);
        }
    }

    private static String excerpt(String text) {
        String printable = text.replaceAll("[^\\x20-\\x7e]", "?");
        return printable.length() <= EXCERPT_CHARACTERS ? printable : printable.substring(0, EXCERPT_CHARACTERS) + "…";
    }
}
