// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.verify;

import org.jspecify.annotations.Nullable;

/**
 * One token from PUBLISHED on, as both planes see it. Kept until both have said how it ended. Owned by the auditor.
 */
final class Publication {
    /** How the fault plane ended it. */
    enum FaultEnd {
        /** Not yet. */
        NONE,
        /** RESOLVED, page-ready. */
        READY,
        /** RESOLVED, taken back. */
        CANCELLED,
        /** RESOLVED, the epoch ended. */
        DROPPED,
        /** FAILED. */
        FAILED
    }

    /** How the notification plane ended it. */
    enum NotificationEnd {
        /** Not yet. */
        NONE,
        /** READY. */
        READY,
        /** CANCELLED. */
        CANCELLED,
        /** The epoch ended there, and that was said. */
        DROPPED,
        /** A later epoch began there and the end of this one was not said: that plane lost its state. */
        LOST
    }

    final FaultChain chain;
    final int token;
    final long epoch;
    final long publishedStep;
    /** Where INSTALLED or FETCH_FAILED stands; null before. */
    VcpuJoin.@Nullable Place completedAt;

    boolean installed;
    boolean delivered;
    FaultEnd faultEnd = FaultEnd.NONE;
    NotificationEnd notificationEnd = NotificationEnd.NONE;

    Publication(FaultChain chain, int token, long epoch, long publishedStep) {
        this.chain = chain;
        this.token = token;
        this.epoch = epoch;
        this.publishedStep = publishedStep;
    }

    VcpuJoin.Place publishedAt() {
        return new VcpuJoin.Place(epoch, publishedStep);
    }

    /** The number of INSTALLED or FETCH_FAILED; 0 before. */
    long completedStep() {
        return completedAt == null ? 0 : completedAt.sequence();
    }

    boolean isOver() {
        return faultEnd != FaultEnd.NONE && notificationEnd != NotificationEnd.NONE;
    }
}
