// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.model;

/** What a faulting instruction wanted to do. Codes are the numbers on the wire. */
public enum Access {
    /** Not said: the fault is refused. */
    NONE(0),
    /** A load. */
    READ(1),
    /** A store. */
    WRITE(2),
    /** An instruction fetch. */
    EXECUTE(3);

    private static final Access[] BY_CODE = values();

    private final int code;

    Access(int code) {
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
    public static Access of(int code) {
        if (code < 0 || code >= BY_CODE.length) {
            throw new IllegalArgumentException("Access: " + code + " (expected: 0 to " + (BY_CODE.length - 1) + ")");
        }
        return BY_CODE[code];
    }
}
