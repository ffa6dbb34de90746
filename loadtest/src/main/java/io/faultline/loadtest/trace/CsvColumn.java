// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the fields of a table's column are, and by which names the column goes in a table of one's own. */
enum CsvColumn {
    /** A virtual address, decimal or hexadecimal with 0x. */
    ADDRESS("address", "addr", "vaddr"),
    /** A guest-physical address, likewise. */
    GUEST_ADDRESS("ipa", "gpa"),
    /** The number of a virtual 4 KiB page. */
    PAGE("page", "vpn"),
    /** The number of a guest's 4 KiB frame. */
    GUEST_FRAME("gfn"),
    /** An address, hexadecimal without 0x. */
    BARE_HEX_ADDRESS,
    /** Nanoseconds. */
    TIME_NS("time_ns"),
    /** Microseconds; like the following with or without a fraction. */
    TIME_US("time_us"),
    /** Milliseconds. */
    TIME_MS("time_ms"),
    /** Seconds. */
    TIME_S("time_s", "time", "timestamp"),
    /** A thread's number. */
    THREAD("thread", "tid"),
    /** A thread's name, in quotes where it holds a comma or a quote. */
    COMM("comm"),
    /** read, write or execute, or r, w or x. */
    ACCESS("access", "op"),
    /** user or kernel. */
    PRIVILEGE("privilege"),
    /** The flags of a userfaultfd message: bit 0 a store, bit 1 a store to a write-protected page. */
    UFFD_FLAGS,
    /** How many neighbouring pages were touched. */
    PAGES,
    /** Anything else, which is passed over. */
    OTHER;

    @SuppressWarnings("ImmutableEnumChecker") // Never changed.
    private final List<String> names;

    CsvColumn(String... names) {
        this.names = List.of(names);
    }

    /** The columns of a line of names. */
    static List<CsvColumn> ofHeader(String header) {
        List<CsvColumn> columns = new ArrayList<>();
        for (String name : header.split(",", -1)) {
            columns.add(of(name.strip().toLowerCase(Locale.ROOT)));
        }
        return columns;
    }

    private static CsvColumn of(String name) {
        for (CsvColumn column : values()) {
            if (column.names.contains(name)) {
                return column;
            }
        }
        return OTHER;
    }

    /** What a field is to be, for a message. */
    String expected() {
        return switch (this) {
            case ADDRESS, GUEST_ADDRESS, PAGE, GUEST_FRAME -> "a number, decimal or hexadecimal with 0x";
            case BARE_HEX_ADDRESS -> "a hexadecimal number";
            case TIME_NS -> "a whole number";
            case TIME_US, TIME_MS, TIME_S -> "a number";
            case THREAD, UFFD_FLAGS -> "a whole number of at most 31 bits";
            case PAGES -> "1 to 1048576";
            case ACCESS -> "read, write or execute, or r, w or x";
            case PRIVILEGE -> "user or kernel";
            case COMM, OTHER -> "text, with the closing quote where it begins with one";
        };
    }

    /** Whether a fault is where it says. */
    boolean isPlace() {
        return this == ADDRESS || this == PAGE || this == BARE_HEX_ADDRESS || isGuestPlace();
    }

    /** Whether it is a place in a guest's memory. */
    boolean isGuestPlace() {
        return this == GUEST_ADDRESS || this == GUEST_FRAME;
    }

    boolean isTime() {
        return this == TIME_NS || this == TIME_US || this == TIME_MS || this == TIME_S;
    }
}
