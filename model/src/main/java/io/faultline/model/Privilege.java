// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.model;

/** The exception level from which the guest touched the page. Codes are the numbers on the wire. */
public enum Privilege {
    /** Not said: the fault is refused. */
    NONE(0),
    /** EL0: a task that can be put aside. */
    USER(1),
    /** EL1: the guest's kernel; asynchronous only when the control word has SEND_ALWAYS. */
    KERNEL(2);

    private static final Privilege[] BY_CODE = values();

    private final int code;

    Privilege(int code) {
        this.code = code;
    }

    /** The number that stands for this on the wire. */
    public int code() {
        return code;
    }

    /**
     * The constant of a wire number.
     *
     * @throws IllegalArgumentException for a number that this release does not know
     */
    public static Privilege of(int code) {
        if (code < 0 || code >= BY_CODE.length) {
            throw new IllegalArgumentException("Privilege: " + code + " (expected: 0 to " + (BY_CODE.length - 1) + ")");
        }
        return BY_CODE[code];
    }
}
