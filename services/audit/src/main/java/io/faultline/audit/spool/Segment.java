// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.spool;

import io.faultline.audit.spool.SegmentFormat.Head;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** One file of a spool, and what is known of it without reading it again. Owned by the publishing thread. */
final class Segment {
    final Path path;
    final Life life;
    private final long firstSequence;
    /** The file's length without what a failed write left behind. */
    long bytes;
    /** The last entry's place in the spool; the one before the segment's first while it is empty. */
    long lastSequence;
    /** Steps in it that are neither acknowledged nor known to be lost. */
    long stepsLeft;
    /** About when the oldest step in it was appended that is not acknowledged; 0 while it is empty. */
    long oldestUs;

    private @Nullable SpoolOutput output;

    private Segment(Path path, Head head, long bytes, @Nullable SpoolOutput output) {
        this.path = path;
        this.life = head.life();
        this.firstSequence = head.firstSequence();
        this.bytes = bytes;
        this.lastSequence = firstSequence - 1;
        this.output = output;
    }

    /** A new file with nothing but its header; on failure there is none. */
    static Segment create(Path path, Head head, SpoolOutput.Opener opener) throws IOException {
        ByteBuffer bytes = SegmentFormat.head(head);
        int length = bytes.remaining();
        SpoolOutput output = opener.create(path);
        try {
            output.write(bytes);
        } catch (IOException e) {
            output.close();
            Files.deleteIfExists(path);
            throw e;
        }
        return new Segment(path, head, length, output);
    }

    /** The file of an earlier life, without the tail that its end tore; null if it is no segment. */
    static @Nullable Segment recover(Path path) throws IOException {
        Segment segment;
        try (SegmentReader reader = SegmentReader.open(path)) {
            Head head = reader.head();
            if (head == null) {
                return null;
            }
            segment = new Segment(path, head, reader.intactBytes(), null);
            for (SpoolEntry entry = reader.next(Long.MAX_VALUE); entry != null; entry = reader.next(Long.MAX_VALUE)) {
                segment.holds(entry.sequence(), entry.block(), reader.intactBytes());
            }
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.truncate(segment.bytes);
        }
        return segment;
    }

    /** Appends an entry; on failure the segment is as it was before. */
    void append(long sequence, Block block) throws IOException {
        SpoolOutput into = output;
        if (into == null) {
            throw new IllegalStateException("append to " + path + " (expected: while it is open)");
        }
        ByteBuffer entry = SegmentFormat.entry(sequence, block);
        int length = entry.remaining();
        try {
            into.write(entry);
        } catch (IOException e) {
            try {
                into.truncate(bytes);
            } catch (IOException again) {
                // What is written there now stays the file's torn tail: nothing may follow it.
                e.addSuppressed(again);
                seal();
            }
            throw e;
        }
        holds(sequence, block, bytes + length);
    }

    private void holds(long sequence, Block block, long end) {
        if (isEmpty()) {
            oldestUs = block.firstUs();
        }
        lastSequence = sequence;
        stepsLeft += block.steps();
        bytes = end;
    }

    /** Whether no entry is in it. */
    boolean isEmpty() {
        return lastSequence < firstSequence;
    }

    boolean isOpen() {
        return output != null;
    }

    /** Ends the writing, once the disk has what was written. */
    void seal() throws IOException {
        SpoolOutput open = output;
        output = null;
        if (open != null) {
            try (open) {
                open.force();
            }
        }
    }
}
