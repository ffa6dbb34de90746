// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

/** The shape of a verdict. Codes are the numbers on the wire. */
public enum VerdictKind {
    /** Never sent. */
    NONE(0),
    /** CREATE took effect. */
    CREATED(1),
    /** DESTROY took effect. */
    DESTROYED(2),
    /** ARM took effect. */
    ARMED(3),
    /** DISARM or RESET took effect; tokens outstanding until then are dropped. */
    DISARMED(4),
    /** The publication holds. */
    ACCEPTED(5),
    /** The command did not happen and left nothing behind. */
    REFUSED(6),
    /** The guest was never told of the token and never will be. */
    CANCELLED(7),
    /** Page-ready is published. */
    READY(8),
    /** The command's epoch is not the vCPU's; nothing changed. */
    STALE(9),
    /** The command's vCPU, or the token, is not known here. */
    UNKNOWN(10),
    /** The token was completed before. */
    ALREADY(11),
    /** News: a guest attached. */
    GUEST_ATTACHED(12),
    /** News: the guest is gone, the vCPU is disarmed. */
    GUEST_DETACHED(13);

    private final int code;

    VerdictKind(int code) {
        this.code = code;
    }

    /** The number that stands for this on the wire. */
    public int code() {
        return code;
    }
}
