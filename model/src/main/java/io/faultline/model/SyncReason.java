// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.model;

/** Why a fault on a missing page was handled synchronously. Codes are the numbers on the wire. */
public enum SyncReason {
    /** It was not, or no page was missing. */
    NONE(0),
    /** The control word does not enable asynchronous faults on this vCPU. */
    DISABLED(1),
    /** The guest's kernel touched the page and the control word has no SEND_ALWAYS. */
    KERNEL_MODE(2),
    /** The host asked ahead (prefault). */
    PREFAULT(3),
    /** The VM was registered without an in-kernel interrupt controller. */
    NO_IRQCHIP(4),
    /** 64 works of this vCPU are not yet dequeued. */
    WORKS_LIMIT(5),
    /** The page is in flight already for this vCPU: it halts until that fetch ends. */
    DUPLICATE(6),
    /** An earlier asynchronous fetch of this page failed: the next one reports synchronously. */
    EARLIER_FAILURE(7),
    /** No frame is free: the vCPU waits for reclaim before its fetch can start. */
    NO_FRAME(8),
    /** No connection to notifier-service. */
    NOTIFIER_UNAVAILABLE(9),
    /** The notifier holds another epoch of this vCPU. */
    STALE_EPOCH(10),
    /** No guest is attached to this vCPU's notifications. */
    NO_GUEST(11),
    /** The guest masked SDEI events on this PE. */
    PE_MASKED(12),
    /** The guest has not registered the asynchronous fault's event. */
    EVENT_UNREGISTERED(13),
    /** The guest has registered the event and not enabled it. */
    EVENT_DISABLED(14),
    /** An SDEI handler is running on this PE. */
    EVENT_RUNNING(15),
    /** The event is pending already. */
    EVENT_PENDING(16),
    /** The shared area cannot be read or written. */
    AREA_UNREADABLE(17),
    /** The shared area's reason or token is not cleared yet. */
    AREA_BUSY(18),
    /** A page-ready notification is not acknowledged yet. */
    READY_UNACKNOWLEDGED(19);

    private static final SyncReason[] BY_CODE = values();

    private final int code;

    SyncReason(int code) {
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
    public static SyncReason of(int code) {
        if (code < 0 || code >= BY_CODE.length) {
            throw new IllegalArgumentException(
                    "SyncReason: " + code + " (expected: 0 to " + (BY_CODE.length - 1) + ")");
        }
        return BY_CODE[code];
    }
}
