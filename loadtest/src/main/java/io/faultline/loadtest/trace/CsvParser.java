// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import io.faultline.model.Access;
import io.faultline.model.Privilege;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Understands the rows of a table whose columns are known. Not thread-safe. */
final class CsvParser implements LineParser {
    private static final int PAGE_SHIFT = 12;
    private static final long PAGES_MAX = 1L << (Long.SIZE - PAGE_SHIFT);
    private static final long ROW_PAGES_MAX = 1 << 20;
    private static final long UFFD_WRITE = 1;
    private static final long UFFD_WRITE_PROTECT = 1 << 1;
    private static final byte[] USER = bytes("user");
    private static final byte[] KERNEL = bytes("kernel");
    private static final byte[][] READS = {bytes("read"), bytes("r"), bytes("load"), bytes("R")};
    private static final byte[][] WRITES = {bytes("write"), bytes("w"), bytes("store"), bytes("W")};
    private static final byte[][] FETCHES = {bytes("execute"), bytes("x"), bytes("fetch"), bytes("X")};

    private final String description;
    private final CsvColumn[] columns;
    private final ThreadNames names = new ThreadNames();
    private final Line field = new Line();
    private boolean isHeaderRead;
    private String expected = "";

    private long address;
    private long timeNs;
    private long pages;
    private int threadId;
    private int nameStart;
    private int nameEnd;
    private Access access = Access.READ;
    private Privilege privilege = Privilege.USER;

    CsvParser(String description, List<CsvColumn> columns) {
        this.description = description;
        this.columns = columns.toArray(CsvColumn[]::new);
    }

    @Override
    public Kind parse(Line line, RecordedFault fault) {
        line.moveTo(line.start());
        if (line.isAtEnd() || line.bytes()[line.start()] == '#') {
            return Kind.COMMENT;
        }
        if (!isHeaderRead) {
            isHeaderRead = true;
            return Kind.COMMENT;
        }
        line.moveTo(line.start());
        begin();
        for (int i = 0; i < columns.length; i++) {
            if (i > 0 && !line.take(',')) {
                return bad(columns.length + " fields");
            }
            if (!takeField(line) || !parse(columns[i]) || !field.isAtEnd()) {
                return bad("field " + (i + 1) + ": " + columns[i].expected());
            }
        }
        if (!line.isAtEnd()) {
            return bad(columns.length + " fields");
        }
        fault.at(timeNs);
        fault.by(threadId, nameEnd == 0 ? "" : names.name(threadId, line.bytes(), nameStart, nameEnd));
        fault.touches(address, access, privilege);
        return Kind.FAULT;
    }

    @Override
    public boolean more(RecordedFault fault) {
        if (pages <= 1) {
            return false;
        }
        pages--;
        fault.touches(fault.address() + (1L << PAGE_SHIFT), fault.access(), fault.privilege());
        return true;
    }

    private Kind bad(String expectation) {
        pages = 1;
        expected = expectation;
        return Kind.BAD;
    }

    private void begin() {
        timeNs = 0;
        pages = 1;
        threadId = 0;
        nameStart = 0;
        nameEnd = 0;
        access = Access.READ;
        privilege = Privilege.USER;
    }

    /** Finds the next field; the line's place is then behind it. */
    private boolean takeField(Line line) {
        line.skipBlanks();
        byte[] bytes = line.bytes();
        int start = line.at();
        boolean isQuoted = line.take('"');
        int i = line.at();
        while (i < line.end() && bytes[i] != (isQuoted ? '"' : ',')) {
            i++;
        }
        field.set(bytes, isQuoted ? start + 1 : start, i);
        if (isQuoted && i == line.end()) {
            return false;
        }
        line.moveTo(isQuoted ? i + 1 : i);
        return line.skipBlanks();
    }

    private boolean parse(CsvColumn column) {
        return switch (column) {
            case ADDRESS, GUEST_ADDRESS -> field.takeNumber() && takeAddress(0);
            case PAGE, GUEST_FRAME -> field.takeNumber() && field.value() < PAGES_MAX && takeAddress(PAGE_SHIFT);
            case BARE_HEX_ADDRESS -> field.takeHex() && takeAddress(0);
            case TIME_NS -> takeTime(1);
            case TIME_US -> takeTime(1_000);
            case TIME_MS -> takeTime(1_000_000);
            case TIME_S -> takeTime(1_000_000_000);
            case THREAD -> takeThread();
            case COMM -> takeComm();
            case ACCESS -> takeAccess();
            case PRIVILEGE -> takePrivilege();
            case UFFD_FLAGS -> takeFlags();
            case PAGES -> takePages();
            case OTHER -> {
                field.moveTo(field.end());
                yield true;
            }
        };
    }

    private boolean takeAddress(int shift) {
        address = field.value() << shift;
        return true;
    }

    private boolean takeTime(long nsPerUnit) {
        if (!field.takeTimes(nsPerUnit)) {
            return false;
        }
        timeNs = field.value();
        return true;
    }

    private boolean takeThread() {
        if (!field.takeDecimal() || field.value() > Integer.MAX_VALUE) {
            return false;
        }
        threadId = (int) field.value();
        return true;
    }

    private boolean takeComm() {
        nameStart = field.start();
        nameEnd = field.end();
        field.moveTo(field.end());
        return true;
    }

    private boolean takeAccess() {
        if (isOneOf(READS)) {
            access = Access.READ;
        } else if (isOneOf(WRITES)) {
            access = Access.WRITE;
        } else if (isOneOf(FETCHES)) {
            access = Access.EXECUTE;
        } else {
            return false;
        }
        return true;
    }

    private boolean isOneOf(byte[][] words) {
        for (byte[] word : words) {
            if (field.take(word)) {
                if (field.isAtEnd()) {
                    return true;
                }
                field.moveTo(field.start());
            }
        }
        return false;
    }

    private boolean takePrivilege() {
        if (field.take(USER)) {
            privilege = Privilege.USER;
            return true;
        }
        privilege = Privilege.KERNEL;
        return field.take(KERNEL);
    }

    private boolean takeFlags() {
        if (!field.takeDecimal()) {
            return false;
        }
        access = (field.value() & (UFFD_WRITE | UFFD_WRITE_PROTECT)) != 0 ? Access.WRITE : Access.READ;
        return true;
    }

    private boolean takePages() {
        if (!field.takeDecimal() || field.value() < 1 || field.value() > ROW_PAGES_MAX) {
            return false;
        }
        pages = field.value();
        return true;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public String expected() {
        return expected;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public AddressSpace addressSpace() {
        for (CsvColumn column : columns) {
            if (column.isGuestPlace()) {
                return AddressSpace.GUEST_PHYSICAL;
            }
        }
        return AddressSpace.VIRTUAL;
    }

    @Override
    public boolean hasTimes() {
        for (CsvColumn column : columns) {
            if (column.isTime()) {
                return true;
            }
        }
        return false;
    }
}
