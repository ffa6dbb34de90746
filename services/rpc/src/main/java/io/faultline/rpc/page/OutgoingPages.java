// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.page;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * A batch on its way out: descriptors encoded as they are appended, and where to find the bytes of each page.
 *
 * <p>Page bytes are read when gRPC takes the message, inside {@code sendMessage}; until then their memory must not
 * change. {@link #clear} makes the batch ready for its next use. Owned by the one thread that sends it.
 */
public abstract class OutgoingPages {
    /** The longest body whose length takes one byte, which is what each has here. */
    private static final int BODY_BYTES_MAX = 127;

    private static final VarHandle LITTLE_ENDIAN_INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long CACHE_LINE_BYTES = 64;
    /** What gRPC gets of the pages at a time: several pages, and no more than stays in the first cache beside them. */
    private static final int SCRATCH_BYTES = 16_384;

    private static final int VARINT_BITS = 7;
    private static final long VARINT_MASK = 0x7F;
    private static final int VARINT_MORE = 0x80;

    private static final byte[] NOTHING = {};

    /* Both are made when they are first needed: a client may open streams by the thousand, and break them off unused. */
    private byte[] head = NOTHING;
    private byte[] scratch = NOTHING;

    private final int headBytesMax;
    private int headBytes;
    private int bodyAt;
    private int descriptors;

    private final MemorySegment[] sources = new MemorySegment[PageBatchLimits.PAGES_MAX];
    private final long[] sourceOffsets = new long[PageBatchLimits.PAGES_MAX];
    private final int[] sourceSizes = new int[PageBatchLimits.PAGES_MAX];
    private int pages;
    private int pageBytes;
    /** The sum of what was touched: nobody needs it, but without it nothing would have to be read. */
    @SuppressWarnings("UnusedVariable") // Written only: that is what it is for.
    private int touched;

    OutgoingPages(int descriptorBytesMax) {
        if (descriptorBytesMax > 2 + BODY_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "descriptorBytesMax: " + descriptorBytesMax + " (expected: at most " + (2 + BODY_BYTES_MAX) + ")");
        }
        headBytesMax = PageBatchLimits.DESCRIPTORS_MAX * descriptorBytesMax;
    }

    /** The descriptors appended so far, 0 to {@link PageBatchLimits#DESCRIPTORS_MAX}. */
    public final int size() {
        return descriptors;
    }

    /** Whether nothing was appended since {@link #clear}. */
    public final boolean isEmpty() {
        return descriptors == 0;
    }

    /** How long the message is so far, in bytes. */
    public final int messageBytes() {
        return encodedSize();
    }

    /** Whether no descriptor fits any more. */
    public final boolean isFull() {
        return descriptors == PageBatchLimits.DESCRIPTORS_MAX;
    }

    /** Whether a descriptor with a page of so many bytes still fits. */
    public final boolean hasRoomForPage(int sizeBytes) {
        return !isFull()
                && pages < PageBatchLimits.PAGES_MAX
                && pageBytes + sizeBytes <= PageBatchLimits.SENT_BYTES_MAX;
    }

    /** Forgets what was appended, and the memory it pointed at. */
    public final void clear() {
        headBytes = 0;
        descriptors = 0;
        for (int i = 0; i < pages; i++) {
            sources[i] = MemorySegment.NULL;
        }
        pages = 0;
        pageBytes = 0;
    }

    /** Begins a new descriptor; its fields follow, then {@link #endDescriptor}. */
    final void beginDescriptor() {
        if (isFull()) {
            throw new IllegalStateException("descriptors: full (expected: < " + PageBatchLimits.DESCRIPTORS_MAX + ")");
        }
        if (head.length == 0) {
            head = new byte[headBytesMax];
        }
        head[headBytes] = (byte) PageWire.DESCRIPTOR_TAG;
        bodyAt = headBytes + 2;
        headBytes = bodyAt;
    }

    /** Appends a field of a varint; one that is 0 is left out, as proto3 does. */
    final void writeVarint(int tag, long value) {
        if (value != 0) {
            head[headBytes++] = (byte) tag;
            long rest = value;
            while ((rest & ~VARINT_MASK) != 0) {
                head[headBytes++] = (byte) (rest | VARINT_MORE);
                rest >>>= VARINT_BITS;
            }
            head[headBytes++] = (byte) rest;
        }
    }

    /** Appends a field of four bytes, little-endian, likewise. */
    final void writeFixed32(int tag, int value) {
        if (value != 0) {
            head[headBytes++] = (byte) tag;
            LITTLE_ENDIAN_INT.set(head, headBytes, value);
            headBytes += Integer.BYTES;
        }
    }

    /** Appends a field that holds a message; one that is not there is left out. */
    final void writeMessage(int tag, @Nullable MessageLite message) {
        if (message != null) {
            int size = message.getSerializedSize();
            head[headBytes++] = (byte) tag;
            head[headBytes++] = (byte) size;
            try {
                CodedOutputStream out = CodedOutputStream.newInstance(head, headBytes, size);
                message.writeTo(out);
                out.checkNoSpaceLeft();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            headBytes += size;
        }
    }

    /** The descriptor's fields are all there. */
    final void endDescriptor() {
        head[bodyAt - 1] = (byte) (headBytes - bodyAt);
        descriptors++;
    }

    final void requirePage(MemorySegment source, long offset, int sizeBytes) {
        if (!PageWire.isPageSize(sizeBytes)) {
            throw new IllegalArgumentException("page size: " + sizeBytes + " bytes (expected: 4096, 16384 or 65536)");
        }
        if (!hasRoomForPage(sizeBytes)) {
            throw new IllegalStateException(
                    "pages: " + pages + " of " + pageBytes + " bytes (expected: room for " + sizeBytes + " bytes)");
        }
        if (offset < 0 || offset > source.byteSize() - sizeBytes) {
            throw new IllegalArgumentException(
                    "offset: " + offset + " (expected: a page inside " + source.byteSize() + " bytes)");
        }
    }

    final void addPage(MemorySegment source, long offset, int sizeBytes) {
        sources[pages] = source;
        sourceOffsets[pages] = offset;
        sourceSizes[pages] = sizeBytes;
        pages++;
        pageBytes += sizeBytes;
    }

    /** The message as gRPC wants it; valid until the next {@link #clear}. */
    final InputStream encoded() {
        return new Encoded(this);
    }

    private int encodedSize() {
        if (pageBytes == 0) {
            return headBytes;
        }
        return headBytes
                + CodedOutputStream.computeUInt32SizeNoTag(PageWire.PAGES_TAG)
                + CodedOutputStream.computeUInt32SizeNoTag(pageBytes)
                + pageBytes;
    }

    private void writeTo(OutputStream target) throws IOException {
        target.write(head, 0, headBytes);
        if (pageBytes == 0) {
            return;
        }
        byte[] blockHead = new byte[10];
        CodedOutputStream block = CodedOutputStream.newInstance(blockHead);
        block.writeUInt32NoTag(PageWire.PAGES_TAG);
        block.writeUInt32NoTag(pageBytes);
        target.write(blockHead, 0, block.getTotalBytesWritten());
        for (int i = 0; i < pages; i++) {
            touch(sources[i], sourceOffsets[i]);
        }
        if (scratch.length == 0) {
            scratch = new byte[SCRATCH_BYTES];
        }
        int filled = 0;
        for (int i = 0; i < pages; i++) {
            int size = sourceSizes[i];
            for (int copied = 0; copied < size; ) {
                int piece = Math.min(size - copied, SCRATCH_BYTES - filled);
                MemorySegment.copy(
                        sources[i], ValueLayout.JAVA_BYTE, sourceOffsets[i] + copied, scratch, filled, piece);
                copied += piece;
                filled += piece;
                if (filled == SCRATCH_BYTES) {
                    target.write(scratch, 0, filled);
                    filled = 0;
                }
            }
        }
        target.write(scratch, 0, filled);
    }

    /*
     * Pages lie far apart, so each begins with cache misses that the processor cannot foresee, and one of its table of pages. The
     * next page's first lines are asked for while this page is copied; from there on the processor runs ahead by itself.
     */
    private void touch(MemorySegment page, long offset) {
        touched += page.get(ValueLayout.JAVA_BYTE, offset)
                + page.get(ValueLayout.JAVA_BYTE, offset + CACHE_LINE_BYTES)
                + page.get(ValueLayout.JAVA_BYTE, offset + 2 * CACHE_LINE_BYTES)
                + page.get(ValueLayout.JAVA_BYTE, offset + 3 * CACHE_LINE_BYTES);
    }

    /**
     * A batch as a stream that gRPC drains at once. A transport that reads instead (in-process) gets a copy, made at
     * its first read.
     */
    private static final class Encoded extends InputStream implements Drainable, KnownLength {
        private final OutgoingPages batch;
        private @Nullable InputStream copy;
        private boolean drained;

        Encoded(OutgoingPages batch) {
            this.batch = batch;
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            if (drained) {
                return 0;
            }
            if (copy != null) {
                return Math.toIntExact(copy.transferTo(target));
            }
            drained = true;
            batch.writeTo(target);
            return batch.encodedSize();
        }

        @Override
        public int available() {
            try {
                return drained ? 0 : copy != null ? copy.available() : batch.encodedSize();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public int read() throws IOException {
            return drained ? -1 : copy().read();
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            return drained ? -1 : copy().read(target, offset, length);
        }

        private InputStream copy() throws IOException {
            InputStream made = copy;
            if (made == null) {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream(batch.encodedSize());
                batch.writeTo(bytes);
                made = new ByteArrayInputStream(bytes.toByteArray());
                copy = made;
            }
            return made;
        }
    }
}
