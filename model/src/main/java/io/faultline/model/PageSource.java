// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.model;

/** Where a mapped page's bytes came from. Codes are the numbers on the wire. */
public enum PageSource {
    /** Not said. */
    NONE(0),
    /** It was resident already. */
    RESIDENT(1),
    /** It was never written: a page of zeros, no fetch. */
    ZERO_FILL(2),
    /** It was on its way out and was taken back. */
    TAKEN_BACK(3),
    /** The pager's DRAM tier. */
    DRAM(4),
    /** The pager's compressed tier. */
    COMPRESSED(5),
    /** The swap store. */
    SWAP_STORE(6);

    private static final PageSource[] BY_CODE = values();

    private final int code;

    PageSource(int code) {
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
    public static PageSource of(int code) {
        if (code < 0 || code >= BY_CODE.length) {
            throw new IllegalArgumentException(
                    "PageSource: " + code + " (expected: 0 to " + (BY_CODE.length - 1) + ")");
        }
        return BY_CODE[code];
    }
}
