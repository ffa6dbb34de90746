// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.model;

/** How an asynchronous fault ended. Codes are the numbers on the wire. */
public enum Resolution {
    /** Not said. */
    NONE(0),
    /** Page-ready was published for the token. */
    READY(1),
    /** The page came before the guest was told: the notification was taken back, no page-ready follows. */
    CANCELLED(2),
    /** Notifications ended meanwhile (disable, reset, guest gone): mapped all the same, the next enable wakes all. */
    DROPPED(3);

    private static final Resolution[] BY_CODE = values();

    private final int code;

    Resolution(int code) {
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
    public static Resolution of(int code) {
        if (code < 0 || code >= BY_CODE.length) {
            throw new IllegalArgumentException(
                    "Resolution: " + code + " (expected: 0 to " + (BY_CODE.length - 1) + ")");
        }
        return BY_CODE[code];
    }
}
