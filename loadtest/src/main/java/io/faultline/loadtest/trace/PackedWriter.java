// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** Writes Faultline's own binary recordings, block by block. Not thread-safe. */
final class PackedWriter implements TraceWriter {
    private record NamedThread(int id, String name) {}

    private final OutputStream out;
    private final long[][] values = new long[PackedLayout.COLUMNS][PackedLayout.BLOCK_FAULTS_MAX];
    private final byte[] block =
            new byte[PackedLayout.BLOCK_HEADER_BYTES + PackedLayout.PAYLOAD_BYTES_MAX + Long.BYTES];
    private final Map<NamedThread, Integer> threads = new HashMap<>();
    private final ByteArrayOutputStream newThreads = new ByteArrayOutputStream();
    private int newThreadCount;
    private NamedThread lastThread = new NamedThread(-1, "");
    private int lastThreadNumber;
    private int count;
    private long faults;

    PackedWriter(OutputStream out, AddressSpace space, boolean hasTimes) throws IOException {
        this.out = out;
        byte[] header = new byte[PackedLayout.HEADER_BYTES];
        System.arraycopy(PackedLayout.MAGIC, 0, header, 0, PackedLayout.MAGIC.length);
        int flags = (hasTimes ? PackedLayout.FLAG_TIMES : 0)
                | (space == AddressSpace.GUEST_PHYSICAL ? PackedLayout.FLAG_GUEST_PHYSICAL : 0);
        PackedLayout.SHORT.set(header, PackedLayout.VERSION_OFFSET, (short) PackedLayout.VERSION);
        PackedLayout.SHORT.set(header, PackedLayout.FLAGS_OFFSET, (short) flags);
        PackedLayout.INT.set(header, PackedLayout.HEADER_CHECKSUM_OFFSET, PackedLayout.headerChecksum(header, 0));
        out.write(header);
    }

    @Override
    public void write(RecordedFault fault) throws IOException {
        values[PackedLayout.TIME][count] = fault.timeNs();
        values[PackedLayout.ADDRESS][count] = fault.address();
        values[PackedLayout.THREAD][count] = threadNumber(fault);
        values[PackedLayout.KIND][count] =
                fault.access().code() | fault.privilege().code() << PackedLayout.PRIVILEGE_SHIFT;
        count++;
        if (count == PackedLayout.BLOCK_FAULTS_MAX) {
            flush();
        }
    }

    @Override
    public void finish() throws IOException {
        flush();
        PackedLayout.LONG.set(block, PackedLayout.BLOCK_HEADER_BYTES, faults);
        writeBlock(PackedLayout.END, PackedLayout.END_BYTES);
        out.flush();
    }

    private int threadNumber(RecordedFault fault) {
        if (fault.threadId() != lastThread.id() || !Objects.equals(fault.comm(), lastThread.name())) {
            lastThread = new NamedThread(fault.threadId(), fault.comm());
            lastThreadNumber = threads.computeIfAbsent(lastThread, this::add);
        }
        return lastThreadNumber;
    }

    private int add(NamedThread thread) {
        if (threads.size() == PackedLayout.THREADS_MAX) {
            throw new TraceException(
                    "threads: more than " + PackedLayout.THREADS_MAX + " (expected: what the binary format holds)",
                    null);
        }
        byte[] name = thread.name().getBytes(StandardCharsets.ISO_8859_1);
        int length = Math.min(name.length, PackedLayout.NAME_BYTES_MAX);
        byte[] id = new byte[Integer.BYTES];
        PackedLayout.INT.set(id, 0, thread.id());
        newThreads.writeBytes(id);
        newThreads.write(length);
        newThreads.write(name, 0, length);
        newThreadCount++;
        return threads.size();
    }

    private void flush() throws IOException {
        if (newThreadCount > 0) {
            writeThreads();
        }
        if (count > 0) {
            writeFaults();
        }
    }

    /** A block holds at most as many new threads as faults, each of at most 260 bytes, so it is cut by size. */
    private void writeThreads() throws IOException {
        byte[] entries = newThreads.toByteArray();
        int at = 0;
        while (at < entries.length) {
            int start = at;
            int entriesOfBlock = 0;
            int length;
            while (at < entries.length
                    && at - start + (length = Integer.BYTES + 1 + (entries[at + Integer.BYTES] & 0xFF))
                            <= PackedLayout.PAYLOAD_BYTES_MAX - Integer.BYTES) {
                at += length;
                entriesOfBlock++;
            }
            PackedLayout.INT.set(block, PackedLayout.BLOCK_HEADER_BYTES, entriesOfBlock);
            System.arraycopy(entries, start, block, PackedLayout.BLOCK_HEADER_BYTES + Integer.BYTES, at - start);
            writeBlock(PackedLayout.THREADS, Integer.BYTES + at - start);
        }
        newThreads.reset();
        newThreadCount = 0;
    }

    private void writeFaults() throws IOException {
        int payload = PackedLayout.BLOCK_HEADER_BYTES;
        PackedLayout.INT.set(block, payload, count);
        int at = payload + PackedLayout.COLUMNS_OFFSET;
        for (int column = 0; column < PackedLayout.COLUMNS; column++) {
            long[] ofColumn = values[column];
            long base = ofColumn[0];
            for (int i = 1; i < count; i++) {
                base = Math.min(base, ofColumn[i]);
            }
            long offsets = 0;
            for (int i = 0; i < count; i++) {
                offsets |= ofColumn[i] - base;
            }
            int width = (Long.SIZE - Long.numberOfLeadingZeros(offsets) + Byte.SIZE - 1) / Byte.SIZE;
            PackedLayout.LONG.set(block, payload + PackedLayout.BASES_OFFSET + column * Long.BYTES, base);
            block[payload + PackedLayout.WIDTHS_OFFSET + column] = (byte) width;
            for (int i = 0; i < count; i++) {
                PackedLayout.LONG.set(
                        block, at, ofColumn[i] - base); // What it writes beyond the width is written over.
                at += width;
            }
        }
        writeBlock(PackedLayout.FAULTS, at - payload);
        faults += count;
        count = 0;
    }

    private void writeBlock(int kind, int payloadBytes) throws IOException {
        PackedLayout.INT.set(block, 0, kind);
        PackedLayout.INT.set(block, PackedLayout.LENGTH_OFFSET, payloadBytes);
        PackedLayout.INT.set(block, PackedLayout.CHECKSUM_OFFSET, PackedLayout.blockChecksum(block, 0, payloadBytes));
        out.write(block, 0, PackedLayout.BLOCK_HEADER_BYTES + payloadBytes);
    }
}
