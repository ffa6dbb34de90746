// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import io.faultline.model.Access;
import io.faultline.model.Privilege;
import java.nio.charset.StandardCharsets;

/**
 * What {@code valgrind --tool=lackey --trace-mem=yes} prints (lackey/lk_main.c, and as Valgrind 3.19 was seen to print it):
 * a line is an access of the program, {@code I  addr,size} an instruction, {@code  L}, {@code  S} and {@code  M} a load, a
 * store, a load and store of one place. Accesses, not faults: most touch the page that the last one touched. An access is
 * where its first byte is. There is no time and one thread; all is user mode.
 */
final class LackeyFormat implements TraceFormat {
    private static final byte[] MESSAGE = "==".getBytes(StandardCharsets.ISO_8859_1);
    private static final byte[] SUPERBLOCK = "SB ".getBytes(StandardCharsets.ISO_8859_1);

    @Override
    public String title() {
        return "accesses as valgrind's lackey prints them";
    }

    @Override
    public boolean recognises(TraceHead head) {
        Parser parser = new Parser();
        RecordedFault fault = new RecordedFault();
        return head.isText() && head.anyLine(line -> parser.parse(line, fault) == LineParser.Kind.FAULT);
    }

    @Override
    public FaultSource open(TraceHead head, TraceBytes bytes, BadLines badLines) {
        return new LineSource(bytes, new Parser(), badLines);
    }

    private static final class Parser implements LineParser {
        @Override
        public Kind parse(Line line, RecordedFault fault) {
            line.moveTo(line.start());
            if (line.take(MESSAGE) || line.take(SUPERBLOCK) || line.isAtEnd()) {
                return Kind.COMMENT;
            }
            line.moveTo(line.start());
            Access access = access(line);
            if (access == Access.NONE || !line.skipBlanks() || !line.takeHex()) {
                return Kind.BAD;
            }
            long address = line.value();
            if (!line.take(',') || !line.takeDecimal() || !line.isAtEnd()) {
                return Kind.BAD;
            }
            fault.touches(address, access, Privilege.USER);
            return Kind.FAULT;
        }

        /** The letter: an instruction's in the first column, others' in the second. */
        private static Access access(Line line) {
            if (line.take('I')) {
                return Access.EXECUTE;
            }
            if (!line.take(' ')) {
                return Access.NONE;
            }
            if (line.take('L')) {
                return Access.READ;
            }
            return line.take('S') || line.take('M') ? Access.WRITE : Access.NONE;
        }

        @Override
        public String expected() {
            return "\"I  address,size\", or L, S or M in the second column";
        }

        @Override
        public String description() {
            return "memory accesses of valgrind's lackey";
        }

        @Override
        public AddressSpace addressSpace() {
            return AddressSpace.VIRTUAL;
        }

        @Override
        public boolean hasTimes() {
            return false;
        }
    }
}
