// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import io.faultline.model.Access;
import io.faultline.model.Privilege;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads Faultline's own binary recordings, a block at a time and in place. Not thread-safe. */
final class PackedSource implements FaultSource {
    private static final int KINDS = 1 << (2 * PackedLayout.PRIVILEGE_SHIFT);
    private static final @Nullable Access[] ACCESSES = new Access[KINDS];
    private static final @Nullable Privilege[] PRIVILEGES = new Privilege[KINDS];

    static {
        for (int kind = 0; kind < KINDS; kind++) {
            int access = kind & PackedLayout.ACCESS_MASK;
            int privilege = kind >>> PackedLayout.PRIVILEGE_SHIFT;
            if (access != 0 && privilege != 0 && privilege < Privilege.values().length) {
                ACCESSES[kind] = Access.of(access);
                PRIVILEGES[kind] = Privilege.of(privilege);
            }
        }
    }

    private final TraceBytes bytes;
    private final int flags;
    private int[] threadIds = new int[16];
    private String[] names = new String[16];
    private int threads;
    private long blocks;
    private long faults;
    private boolean hasEnded;

    private byte[] buffer = new byte[0];
    private int index;
    private int count;
    private final int[] columns = new int[PackedLayout.COLUMNS];
    private final int[] widths = new int[PackedLayout.COLUMNS];
    private final long[] masks = new long[PackedLayout.COLUMNS];
    private final long[] bases = new long[PackedLayout.COLUMNS];

    /** Reads the header, of which the magic number was seen already. */
    PackedSource(TraceBytes bytes) throws IOException {
        this.bytes = bytes;
        if (!bytes.require(PackedLayout.HEADER_BYTES)) {
            throw new TraceFormatException(": the header is cut off");
        }
        int at = bytes.position();
        int version = (short) PackedLayout.SHORT.get(bytes.buffer(), at + PackedLayout.VERSION_OFFSET) & 0xFFFF;
        if (version != PackedLayout.VERSION) {
            throw new TraceFormatException(
                    ": version " + version + " of the binary format (expected: " + PackedLayout.VERSION + ")");
        }
        int checksum = (int) PackedLayout.INT.get(bytes.buffer(), at + PackedLayout.HEADER_CHECKSUM_OFFSET);
        if (checksum != PackedLayout.headerChecksum(bytes.buffer(), at)) {
            throw new TraceFormatException(": the header is damaged");
        }
        flags = (short) PackedLayout.SHORT.get(bytes.buffer(), at + PackedLayout.FLAGS_OFFSET) & 0xFFFF;
        bytes.skip(PackedLayout.HEADER_BYTES);
    }

    @Override
    public boolean next(RecordedFault fault) throws IOException {
        if (index == count && !nextFaults()) {
            return false;
        }
        int i = index++;
        long thread = value(PackedLayout.THREAD, i);
        long kind = value(PackedLayout.KIND, i);
        if (thread < 0 || thread >= threads || kind < 0 || kind >= KINDS) {
            throw damaged("a thread or a kind of access that does not exist");
        }
        Access access = ACCESSES[(int) kind];
        Privilege privilege = PRIVILEGES[(int) kind];
        if (access == null || privilege == null) {
            throw damaged("a kind of access that does not exist");
        }
        fault.at(value(PackedLayout.TIME, i));
        fault.by(threadIds[(int) thread], names[(int) thread]);
        fault.touches(value(PackedLayout.ADDRESS, i), access, privilege);
        return true;
    }

    private long value(int column, int i) {
        long word = (long) PackedLayout.LONG.get(buffer, columns[column] + i * widths[column]);
        return bases[column] + (word & masks[column]);
    }

    /** Goes to the next block of faults; false at the end of the file. */
    private boolean nextFaults() throws IOException {
        if (count > 0) {
            faults += count;
            count = 0;
            index = 0;
        }
        while (!hasEnded) {
            int payloadBytes = nextBlock();
            int payload = bytes.position() + PackedLayout.BLOCK_HEADER_BYTES;
            int kind = (int) PackedLayout.INT.get(bytes.buffer(), bytes.position());
            switch (kind) {
                case PackedLayout.THREADS -> readThreads(payload, payloadBytes);
                case PackedLayout.FAULTS -> readFaults(payload, payloadBytes);
                case PackedLayout.END -> readEnd(payload, payloadBytes);
                default -> throw damaged("kind " + kind);
            }
            bytes.skip(PackedLayout.BLOCK_HEADER_BYTES + payloadBytes);
            blocks++;
            if (count > 0) {
                return true;
            }
        }
        if (bytes.require(1)) {
            throw new TraceFormatException(": more bytes follow the end, after " + progress());
        }
        return false;
    }

    /** Sees to it that the next block is whole in the buffer; its payload's length. */
    private int nextBlock() throws IOException {
        if (!bytes.require(PackedLayout.BLOCK_HEADER_BYTES)) {
            throw cutOff();
        }
        int length = (int) PackedLayout.INT.get(bytes.buffer(), bytes.position() + PackedLayout.LENGTH_OFFSET);
        if (length < 0 || length > PackedLayout.PAYLOAD_BYTES_MAX) {
            throw damaged("a length of " + Integer.toUnsignedString(length) + " bytes");
        }
        if (!bytes.require(PackedLayout.BLOCK_HEADER_BYTES + length)) {
            throw cutOff();
        }
        buffer = bytes.buffer();
        int at = bytes.position();
        int checksum = (int) PackedLayout.INT.get(buffer, at + PackedLayout.CHECKSUM_OFFSET);
        if (checksum != PackedLayout.blockChecksum(buffer, at, length)) {
            throw damaged("a wrong checksum");
        }
        return length;
    }

    private void readThreads(int payload, int payloadBytes) throws TraceFormatException {
        int end = payload + payloadBytes;
        int at = payload + Integer.BYTES;
        int added = payloadBytes < Integer.BYTES ? -1 : (int) PackedLayout.INT.get(buffer, payload);
        for (int i = 0; i < added; i++) {
            int name = at + Integer.BYTES + 1;
            int length = name > end ? 0 : buffer[name - 1] & 0xFF;
            if (name + length > end || threads == PackedLayout.THREADS_MAX) {
                throw damaged("threads that are not whole, or too many");
            }
            if (threads == threadIds.length) {
                threadIds = Arrays.copyOf(threadIds, threads * 2);
                names = Arrays.copyOf(names, threads * 2);
            }
            threadIds[threads] = (int) PackedLayout.INT.get(buffer, at);
            names[threads++] = new String(buffer, name, length, StandardCharsets.ISO_8859_1);
            at = name + length;
        }
        if (added < 0 || at != end) {
            throw damaged("threads that are not whole");
        }
    }

    private void readFaults(int payload, int payloadBytes) throws TraceFormatException {
        int faultsOfBlock =
                payloadBytes < PackedLayout.COLUMNS_OFFSET ? 0 : (int) PackedLayout.INT.get(buffer, payload);
        if (faultsOfBlock < 1 || faultsOfBlock > PackedLayout.BLOCK_FAULTS_MAX) {
            throw damaged(faultsOfBlock + " faults");
        }
        int at = payload + PackedLayout.COLUMNS_OFFSET;
        for (int column = 0; column < PackedLayout.COLUMNS; column++) {
            int width = buffer[payload + PackedLayout.WIDTHS_OFFSET + column];
            if (width < 0 || width > Long.BYTES) {
                throw damaged("a column of " + width + " bytes");
            }
            bases[column] =
                    (long) PackedLayout.LONG.get(buffer, payload + PackedLayout.BASES_OFFSET + column * Long.BYTES);
            columns[column] = at;
            widths[column] = width;
            masks[column] = PackedLayout.mask(width);
            at += faultsOfBlock * width;
        }
        if (at != payload + payloadBytes) {
            throw damaged("columns that do not fill it");
        }
        count = faultsOfBlock;
    }

    private void readEnd(int payload, int payloadBytes) throws TraceFormatException {
        if (payloadBytes != PackedLayout.END_BYTES || (long) PackedLayout.LONG.get(buffer, payload) != faults) {
            throw damaged("another number of faults than there were");
        }
        hasEnded = true;
    }

    private TraceFormatException damaged(String what) {
        return new TraceFormatException(": block " + blocks + " is damaged after " + progress() + ": it has " + what);
    }

    private TraceFormatException cutOff() {
        return new TraceFormatException(
                ": the file ends early, after " + progress() + " (expected: a complete file, with its end block)");
    }

    @Override
    public String description() {
        return "faults in Faultline's binary format";
    }

    @Override
    public AddressSpace addressSpace() {
        return (flags & PackedLayout.FLAG_GUEST_PHYSICAL) != 0 ? AddressSpace.GUEST_PHYSICAL : AddressSpace.VIRTUAL;
    }

    @Override
    public boolean hasTimes() {
        return (flags & PackedLayout.FLAG_TIMES) != 0;
    }

    @Override
    public String progress() {
        return unitsRead() + " whole records";
    }

    @Override
    public long unitsRead() {
        return faults + index;
    }
}
