// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.spool;

import io.faultline.fuzz.FuzzTarget;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A segment of the audit's spool, as a crash or a disk may have left it: recovered, cut where it is torn, and read again, which has
 * to give the same entries.
 */
public final class SegmentTarget implements FuzzTarget {
    private final Path file;

    /** A target with a file of its own. */
    public SegmentTarget() {
        try {
            file = Files.createTempFile("fuzz", ".spool");
            file.toFile().deleteOnExit();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void read(byte[] bytes) throws IOException {
        recover(bytes);
        recover(withChecksums(bytes));
    }

    private void recover(byte[] bytes) throws IOException {
        Files.write(file, bytes);
        Segment first = Segment.recover(file);
        if (first == null) {
            return;
        }
        Segment again = Segment.recover(file);
        boolean isSame = again != null
                && again.bytes == first.bytes
                && again.lastSequence == first.lastSequence
                && again.stepsLeft == first.stepsLeft
                && Files.size(file) == first.bytes;
        if (!isSame) {
            throw new IllegalStateException("a recovered segment is another when it is recovered again");
        }
    }

    /** A well-formed header and an entry whose payload the input is: what a checksum would keep from being looked at. */
    private static byte[] withChecksums(byte[] bytes) {
        SegmentFormat.Head head = new SegmentFormat.Head(new Life("vcpu-service", 5), 1);
        ByteBuffer fields = ByteBuffer.wrap(Arrays.copyOf(bytes, Math.max(bytes.length, 36)));
        Block block =
                new Block(head.life(), fields.getLong(), fields.getLong(), fields.getLong(), fields.getInt(), bytes);
        ByteArrayOutputStream segment = new ByteArrayOutputStream();
        segment.writeBytes(array(SegmentFormat.head(head)));
        segment.writeBytes(array(SegmentFormat.entry(fields.getLong(), block)));
        segment.writeBytes(bytes);
        return segment.toByteArray();
    }

    private static byte[] array(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    @Override
    public List<byte[]> seeds() {
        return List.of(withChecksums(new byte[64]), new byte[64]);
    }
}
