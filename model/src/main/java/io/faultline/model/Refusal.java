// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.model;

/** Why the notifier did not do what a command asked. Codes are the numbers on the wire. */
public enum Refusal {
    /** Not refused. */
    NONE(0),
    /** The vCPU is not armed. */
    NOT_ARMED(1),
    /** No guest is attached, or its connection is congested. */
    NO_GUEST(2),
    /** SDEI events are masked on the PE. */
    PE_MASKED(3),
    /** The event is not registered. */
    EVENT_UNREGISTERED(4),
    /** The event is registered and not enabled. */
    EVENT_DISABLED(5),
    /** A handler is running on the PE. */
    EVENT_RUNNING(6),
    /** The event is pending. */
    EVENT_PENDING(7),
    /** The shared area cannot be read or written. */
    AREA_UNREADABLE(8),
    /** The area's reason or token is not 0. */
    AREA_BUSY(9),
    /** A page-ready is not acknowledged. */
    READY_UNACKNOWLEDGED(10),
    /** Another live stream created this vCPU. */
    OWNED_ELSEWHERE(11),
    /** A bound is reached: vCPUs, or completions queued. */
    LIMIT(12),
    /** A field is out of range. */
    INVALID(13);

    private static final Refusal[] BY_CODE = values();

    private final int code;

    Refusal(int code) {
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
    public static Refusal of(int code) {
        if (code < 0 || code >= BY_CODE.length) {
            throw new IllegalArgumentException("Refusal: " + code + " (expected: 0 to " + (BY_CODE.length - 1) + ")");
        }
        return BY_CODE[code];
    }
}
