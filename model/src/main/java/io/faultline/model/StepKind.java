// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.model;

/** What happened, in one step of the audit trail. Codes are the numbers on the wire. */
public enum StepKind {
    /** Never written. */
    NONE(0),
    /** Both planes: the chain begins; always number 1. */
    OPENED(1),
    /** Both planes: the chain ends. */
    CLOSED(2),
    /** Fault plane: a fault was raised. */
    RAISED(3),
    /** Fault plane: the fault's token is on its way to the notifier, its number drawn; cause RAISED. */
    PUBLISHED(4),
    /** Fault plane: the notifier refused, nothing was left behind; detail Refusal, cause RAISED. */
    REFUSED(5),
    /** Fault plane: the page of a published token is mapped; detail PageSource, cause RAISED. */
    INSTALLED(6),
    /** Fault plane, terminal: mapped without an outstanding token; detail SyncReason, cause RAISED. */
    MAPPED(7),
    /** Fault plane, terminal: the token has ended and the page is mapped; detail Resolution, cause RAISED. */
    RESOLVED(8),
    /** Fault plane, terminal: nothing was mapped; detail FailReason, cause RAISED. */
    FAILED(9),
    /** Fault plane: a dirty page was written out and acknowledged. */
    WRITTEN_OUT(10),
    /** Both planes: asynchronous faults were enabled (fault plane) or armed (notification plane) with this epoch. */
    ENABLED(11),
    /** Both planes: they were disabled; tokens outstanding of older epochs are dropped. */
    DISABLED(12),
    /** Notification plane: "page not present" went to the guest; cause the fault plane's PUBLISHED. */
    DELIVERED(13),
    /**
     * Notification plane: the publication was taken back before delivery; cause the fault plane's INSTALLED or
     * FETCH_FAILED.
     */
    CANCELLED(14),
    /** Notification plane: "page ready" is published; cause the fault plane's INSTALLED or FETCH_FAILED. */
    READY(15),
    /** Notification plane: "page ready" with the wake-all token is published. */
    WOKE_ALL(16),
    /**
     * Notification plane: the guest acknowledged the page-ready with this token; cause the chain's own READY or
     * WOKE_ALL.
     */
    ACKNOWLEDGED(17),
    /** Notification plane: a guest attached. */
    GUEST_ATTACHED(18),
    /** Notification plane: the guest went away; tokens outstanding are dropped. */
    GUEST_DETACHED(19),
    /**
     * Fault plane: the fetch of a published token ended without a page; completion is signalled all the same, and
     * the fault ends as FAILED once the token has ended; detail FailReason, cause RAISED.
     */
    FETCH_FAILED(20);

    private static final StepKind[] BY_CODE = values();

    private final int code;

    StepKind(int code) {
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
    public static StepKind of(int code) {
        if (code < 0 || code >= BY_CODE.length) {
            throw new IllegalArgumentException("StepKind: " + code + " (expected: 0 to " + (BY_CODE.length - 1) + ")");
        }
        return BY_CODE[code];
    }
}
