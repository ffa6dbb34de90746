// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.page;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.grpc.Detachable;
import io.grpc.HasByteBuffer;
import io.grpc.KnownLength;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A batch that came in: its descriptors decoded, its page bytes still where the transport put them.
 *
 * <p>{@link #copyPage} moves a page from there straight to its place, so a page costs one copy and no object of its
 * size. The bytes can be walked once, first page to last; pages in between that nobody wants are skipped. The batch
 * holds transport memory until it is closed, so close it in the same turn. Owned by the thread that received it.
 */
public abstract class IncomingPages implements AutoCloseable {
    /*
     * The sender writes descriptors first and the block of bytes last, which lets us keep the stream positioned at the
     * block. Protobuf allows any order, repetition and unknown fields, so every other layout is read too: its block is
     * copied to the heap and served from there.
     */
    private static final InputStream NO_PAGES = InputStream.nullInputStream();
    private static final int DESCRIPTORS_AT_FIRST = 16;

    private final long[][] columns;
    private int size;
    private int pageDescriptors;

    private InputStream pages = NO_PAGES;
    /** The piece of the block that pages are copied from, as the transport holds it, and how far it is used up. */
    private MemorySegment chunk = MemorySegment.NULL;

    private long chunkAt;
    private long blockBytes;
    private int nextDescriptor;
    private byte[] scratch = new byte[64];

    IncomingPages(int columnCount) {
        columns = new long[columnCount][DESCRIPTORS_AT_FIRST];
    }

    /** The number of descriptors. */
    public final int size() {
        return size;
    }

    /** Whether descriptor {@code i} came with the bytes of a page. */
    public abstract boolean hasPage(int i);

    /** The size of descriptor {@code i}'s page in bytes. */
    public abstract int sizeBytes(int i);

    /** Decodes one descriptor's fields into row {@code i} and checks what can be checked without the others. */
    abstract void decode(int i, CodedInputStream fields) throws IOException;

    /**
     * Decodes one descriptor's fields into row {@code i} if they are what a sender of this release writes, and checks them
     * as {@link #decode} does.
     *
     * @return whether they are; if not, {@link #decode} has to, and row {@code i} may hold anything
     */
    abstract boolean decodeUsual(int i, UsualFields fields) throws IOException;

    /**
     * Copies descriptor {@code i}'s page to {@code offset} in {@code target}. Descriptors must be asked for in
     * ascending order, each at most once.
     *
     * @throws IllegalStateException if this page was passed already, or the batch is closed
     * @throws IllegalArgumentException if the descriptor has no page
     */
    public final void copyPage(int i, MemorySegment target, long offset) {
        if (i < nextDescriptor) {
            throw new IllegalStateException("descriptor: " + i + " (expected: >= " + nextDescriptor + ")");
        }
        if (!hasPage(i)) {
            throw new IllegalArgumentException("descriptor: " + i + " has no page");
        }
        try {
            long skipped = 0;
            for (int between = nextDescriptor; between < i; between++) {
                skipped += hasPage(between) ? sizeBytes(between) : 0;
            }
            skipPages(skipped);
            nextDescriptor = i + 1;
            read(target, offset, sizeBytes(i));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Gives the transport's memory back; the descriptors stay readable, the pages do not. Closing twice is fine. */
    @Override
    public final void close() {
        nextDescriptor = size;
        try {
            pages.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            pages = NO_PAGES;
            chunk = MemorySegment.NULL;
            chunkAt = 0;
        }
    }

    final long column(int column, int i) {
        if (i < 0 || i >= size) {
            throw new IndexOutOfBoundsException("descriptor: " + i + " (expected: 0 to " + (size - 1) + ")");
        }
        return columns[column][i];
    }

    final void setColumn(int column, int i, long value) {
        columns[column][i] = value;
    }

    private void read(MemorySegment target, long offset, int bytes) throws IOException {
        if (pages instanceof HasByteBuffer buffers && buffers.byteBufferSupported()) {
            readBuffers(buffers, target, offset, bytes);
            return;
        }
        if (scratch.length < bytes) {
            scratch = new byte[bytes];
        }
        if (pages.readNBytes(scratch, 0, bytes) < bytes) {
            throw new EOFException("pages: ended before " + bytes + " bytes of a page");
        }
        MemorySegment.copy(scratch, 0, target, ValueLayout.JAVA_BYTE, offset, bytes);
    }

    private void readBuffers(HasByteBuffer buffers, MemorySegment target, long offset, int bytes) throws IOException {
        int done = 0;
        while (done < bytes) {
            if (chunkAt == chunk.byteSize()) {
                nextChunk(buffers);
            }
            long length = Math.min(bytes - done, chunk.byteSize() - chunkAt);
            MemorySegment.copy(chunk, chunkAt, target, offset + done, length);
            chunkAt += length;
            done += (int) length;
        }
    }

    private void skipPages(long bytes) throws IOException {
        long inChunk = Math.min(bytes, chunk.byteSize() - chunkAt);
        chunkAt += inChunk;
        if (inChunk < bytes) {
            // The stream still stands at the chunk's beginning.
            pages.skipNBytes(chunk.byteSize() + bytes - inChunk);
            chunk = MemorySegment.NULL;
            chunkAt = 0;
        }
    }

    /* The stream is moved a chunk at a time: a page is hardly ever the whole of one. */
    private void nextChunk(HasByteBuffer buffers) throws IOException {
        pages.skipNBytes(chunk.byteSize());
        chunk = MemorySegment.NULL;
        chunkAt = 0;
        ByteBuffer next = buffers.getByteBuffer();
        if (next == null || !next.hasRemaining()) {
            throw new EOFException("pages: ended before the bytes of a page");
        }
        chunk = MemorySegment.ofBuffer(next);
    }

    /**
     * Reads a whole message.
     *
     * @throws io.grpc.StatusRuntimeException INVALID_ARGUMENT if it is not a well-formed batch
     */
    final void parse(InputStream message) {
        boolean parsed = false;
        try {
            parseFields(message instanceof KnownLength ? message : new ByteArrayInputStream(message.readAllBytes()));
            requireBlockAsDescribed();
            parsed = true;
        } catch (InvalidProtocolBufferException | EOFException e) {
            throw PageWire.refusal("page batch: malformed: " + e.getMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            if (!parsed) {
                close();
            }
        }
    }

    private void parseFields(InputStream message) throws IOException {
        UsualFields usual = new UsualFields();
        while (message.available() > 0) {
            if (parseUsualDescriptors(message, usual)) {
                continue;
            }
            int tag = CodedInputStream.readRawVarint32(message.read(), message);
            if (tag == PageWire.DESCRIPTOR_TAG) {
                parseDescriptor(message);
            } else if (tag == PageWire.PAGES_TAG) {
                takeBlock(message, lengthOf("pages", message));
            } else {
                skip(tag, message);
            }
        }
    }

    /*
     * Descriptors that lie in one piece in the transport's memory are decoded there, without a copy or an object. What is
     * unusual in any way is left to protobuf's own reader, which then says what is wrong, or reads it all the same.
     */
    private boolean parseUsualDescriptors(InputStream message, UsualFields fields) throws IOException {
        if (!(message instanceof HasByteBuffer buffers) || !buffers.byteBufferSupported()) {
            return false;
        }
        ByteBuffer piece = buffers.getByteBuffer();
        if (piece == null) {
            return false;
        }
        int begin = piece.position();
        int at = begin;
        while (size < PageBatchLimits.DESCRIPTORS_MAX && fields.enter(piece, at, PageWire.DESCRIPTOR_TAG)) {
            int i = newRow();
            if (!decodeUsual(i, fields)) {
                forget(i);
                break;
            }
            described(i);
            at = fields.end();
        }
        message.skipNBytes(at - begin);
        return at > begin;
    }

    private void parseDescriptor(InputStream message) throws IOException {
        if (size == PageBatchLimits.DESCRIPTORS_MAX) {
            throw PageWire.refusal("page batch: over " + size + " descriptors (expected: 1 to "
                    + PageBatchLimits.DESCRIPTORS_MAX + ")");
        }
        int length = lengthOf("descriptor", message);
        if (scratch.length < length) {
            scratch = new byte[length];
        }
        message.readNBytes(scratch, 0, length);
        int i = newRow();
        decode(i, CodedInputStream.newInstance(scratch, 0, length));
        described(i);
    }

    private int newRow() {
        if (size == columns[0].length) {
            for (int c = 0; c < columns.length; c++) {
                columns[c] = Arrays.copyOf(columns[c], 2 * size);
            }
        }
        return size++;
    }

    private void forget(int i) {
        for (long[] column : columns) {
            column[i] = 0;
        }
        size = i;
    }

    private void described(int i) {
        if (hasPage(i) && ++pageDescriptors > PageBatchLimits.PAGES_MAX) {
            throw PageWire.refusal("page batch: over " + PageBatchLimits.PAGES_MAX + " pages (expected: at most "
                    + PageBatchLimits.PAGES_MAX + ")");
        }
    }

    private void takeBlock(InputStream message, int length) throws IOException {
        blockBytes = length;
        if (length == message.available() && message instanceof Detachable detachable) {
            pages = detachable.detach();
        } else {
            pages = new ByteArrayInputStream(message.readNBytes(length));
        }
    }

    private void requireBlockAsDescribed() {
        if (size == 0) {
            throw PageWire.refusal(
                    "page batch: no descriptors (expected: 1 to " + PageBatchLimits.DESCRIPTORS_MAX + ")");
        }
        long described = 0;
        for (int i = 0; i < size; i++) {
            described += hasPage(i) ? sizeBytes(i) : 0;
        }
        if (described != blockBytes) {
            throw PageWire.refusal(
                    "page batch: " + blockBytes + " bytes of pages (expected: " + described + ", as described)");
        }
    }

    private static int lengthOf(String what, InputStream message) throws IOException {
        int length = CodedInputStream.readRawVarint32(message.read(), message);
        if (length < 0 || length > message.available()) {
            throw PageWire.refusal("page batch: truncated: " + what + " of " + Integer.toUnsignedString(length)
                    + " bytes (expected: at most " + message.available() + ")");
        }
        return length;
    }

    /** Skips a field of a later protocol version. */
    private static void skip(int tag, InputStream message) throws IOException {
        if (WireFormat.getTagFieldNumber(tag) == 0) {
            throw PageWire.refusal("page batch: malformed: field number 0");
        }
        switch (WireFormat.getTagWireType(tag)) {
            case WireFormat.WIRETYPE_VARINT -> CodedInputStream.readRawVarint32(message.read(), message);
            case WireFormat.WIRETYPE_FIXED64 -> message.skipNBytes(Long.BYTES);
            case WireFormat.WIRETYPE_LENGTH_DELIMITED -> message.skipNBytes(lengthOf("unknown field", message));
            case WireFormat.WIRETYPE_FIXED32 -> message.skipNBytes(Integer.BYTES);
            default -> throw PageWire.refusal("page batch: malformed: wire type " + WireFormat.getTagWireType(tag));
        }
    }
}
