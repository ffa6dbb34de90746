// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.spool;

import io.faultline.audit.spool.SegmentFormat.Head;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Reads a segment's entries in their order, and never one whose checksum is wrong. A damaged entry is passed over if an
 * intact one follows where it should. Owned by the publishing thread.
 */
final class SegmentReader implements AutoCloseable {
    private final FileChannel channel;
    private final @Nullable Head head;
    private long position;
    private long intactBytes;
    private long lastSequence;

    private SegmentReader(FileChannel channel, @Nullable Head head) {
        this.channel = channel;
        this.head = head;
        if (head != null) {
            position = SegmentFormat.headBytes(head);
            intactBytes = position;
            lastSequence = head.firstSequence() - 1;
        }
    }

    static SegmentReader open(Path path) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        try {
            ByteBuffer bytes = ByteBuffer.allocate(SegmentFormat.HEAD_BYTES_MAX);
            fill(channel, bytes, 0);
            return new SegmentReader(channel, SegmentFormat.readHead(bytes.flip()));
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** The segment's header; null if the file has none that is whole, and then it has no entries. */
    @Nullable
    Head head() {
        return head;
    }

    /** The length up to the end of the last intact entry that was read. */
    long intactBytes() {
        return intactBytes;
    }

    /** The next intact entry before that position; null if there is none. */
    @Nullable
    SpoolEntry next(long endBytes) throws IOException {
        while (head != null && position + SegmentFormat.PREFIX_BYTES <= endBytes) {
            ByteBuffer prefix = ByteBuffer.allocate(SegmentFormat.PREFIX_BYTES);
            fill(channel, prefix, position);
            int length = prefix.getInt(0);
            long end = position + SegmentFormat.PREFIX_BYTES + length;
            if (prefix.hasRemaining() || !SegmentFormat.isLength(length) || end > endBytes) {
                return null;
            }
            ByteBuffer payload = ByteBuffer.allocate(length);
            fill(channel, payload, position + SegmentFormat.PREFIX_BYTES);
            position = end;
            SpoolEntry entry = SegmentFormat.readPayload(head, prefix.getInt(Integer.BYTES), payload.array());
            if (entry != null && entry.sequence() > lastSequence) {
                lastSequence = entry.sequence();
                intactBytes = end;
                return entry;
            }
        }
        return null;
    }

    private static void fill(FileChannel channel, ByteBuffer bytes, long from) throws IOException {
        int read = 0;
        while (bytes.hasRemaining() && read >= 0) {
            read = channel.read(bytes, from + bytes.position());
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
