// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import io.faultline.model.Access;
import io.faultline.model.Privilege;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * libCacheSim's oracleGeneral (github.com/1a1a11a/libCacheSim, traceReader/customizedReader/oracle/oracleGeneralBin.h):
 * records of 24 bytes without a header, little endian: seconds u32, object u64, size u32, the number of the object's next
 * request i64, -1 or the largest number for never. Requests to a cache, not faults: an object is a page here, its number is
 * the page's (of which the upper 12 bits are lost), whatever its size; a request of size 0 is passed over, as libCacheSim does.
 * All are reads, in user mode, of one thread.
 *
 * <p>Without a magic number the format is told by its first records: times do not decrease, sizes have no sign, and next
 * requests are never or later than now.
 */
final class OracleGeneralFormat implements TraceFormat {
    private static final int RECORD_BYTES = 24;
    private static final int OBJECT_OFFSET = 4;
    private static final int SIZE_OFFSET = 12;
    private static final int NEXT_OFFSET = 16;
    private static final long REQUESTS_MAX = 1L << 40;
    private static final long NS_PER_SECOND = 1_000_000_000L;
    private static final int PAGE_SHIFT = 12;
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    @Override
    public String title() {
        return "libCacheSim's oracleGeneral";
    }

    @Override
    public boolean recognises(TraceHead head) {
        byte[] bytes = head.bytes();
        long before = 0;
        for (int at = 0; at + RECORD_BYTES <= bytes.length; at += RECORD_BYTES) {
            long seconds = Integer.toUnsignedLong((int) INT.get(bytes, at));
            long next = (long) LONG.get(bytes, at + NEXT_OFFSET);
            boolean isNext = next == -1 || next == Long.MAX_VALUE || (next > 0 && next < REQUESTS_MAX);
            if (seconds < before || (int) INT.get(bytes, at + SIZE_OFFSET) < 0 || !isNext) {
                return false;
            }
            before = seconds;
        }
        return bytes.length >= RECORD_BYTES && !head.isText();
    }

    @Override
    public FaultSource open(TraceHead head, TraceBytes bytes, BadLines badLines) {
        return new Source(bytes);
    }

    private static final class Source implements FaultSource {
        private final TraceBytes bytes;
        private long records;
        private long empty;

        Source(TraceBytes bytes) {
            this.bytes = bytes;
        }

        @Override
        public boolean next(RecordedFault fault) throws IOException {
            while (bytes.require(RECORD_BYTES)) {
                byte[] buffer = bytes.buffer();
                int at = bytes.position();
                bytes.skip(RECORD_BYTES);
                records++;
                if ((int) INT.get(buffer, at + SIZE_OFFSET) != 0) {
                    fault.clear();
                    fault.at(Integer.toUnsignedLong((int) INT.get(buffer, at)) * NS_PER_SECOND);
                    long object = (long) LONG.get(buffer, at + OBJECT_OFFSET);
                    fault.touches(object << PAGE_SHIFT, Access.READ, Privilege.USER);
                    return true;
                }
                empty++;
            }
            if (bytes.available() > 0) {
                throw new TraceFormatException(": the last record is cut off after " + progress() + " (expected: "
                        + RECORD_BYTES + " bytes, found: " + bytes.available() + ")");
            }
            return false;
        }

        @Override
        public String description() {
            return "requests of libCacheSim's oracleGeneral";
        }

        @Override
        public AddressSpace addressSpace() {
            return AddressSpace.VIRTUAL;
        }

        @Override
        public boolean hasTimes() {
            return true;
        }

        @Override
        public String progress() {
            return records + " whole records";
        }

        @Override
        public long unitsRead() {
            return records;
        }

        @Override
        public long otherEvents() {
            return empty;
        }
    }
}
