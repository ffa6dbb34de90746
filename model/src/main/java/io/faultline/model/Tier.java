// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.model;

/** A level of memory below the guest, fastest first. Codes are the numbers on the wire. */
public enum Tier {
    /** Not said. */
    NONE(0),
    /** Off-heap memory of a pager. */
    DRAM(1),
    /** Compressed off-heap memory of a pager. */
    COMPRESSED(2),
    /** The swap store. */
    SWAP_STORE(3);

    private static final Tier[] BY_CODE = values();

    private final int code;

    Tier(int code) {
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
    public static Tier of(int code) {
        if (code < 0 || code >= BY_CODE.length) {
            throw new IllegalArgumentException("Tier: " + code + " (expected: 0 to " + (BY_CODE.length - 1) + ")");
        }
        return BY_CODE[code];
    }
}
