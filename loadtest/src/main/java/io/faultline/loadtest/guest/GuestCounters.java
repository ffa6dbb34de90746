// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.guest;

/** What happened in a guest since it was made. Written by the kernel's thread. */
public final class GuestCounters {
    long faultsRaised;
    long faultsRetried;
    long notPresentHandled;
    long notPresentRefused;
    long pageReadyHandled;
    long wakeAllHandled;
    long unknownTokens;
    long wrongInterrupts;
    long tasksFinished;

    /** Faults raised, retries included. */
    public long faultsRaised() {
        return faultsRaised;
    }

    /** Faults that a task raised again, because a wake-all woke it before its page had come. */
    public long faultsRetried() {
        return faultsRetried;
    }

    /** Page-not-present events whose task was put aside. */
    public long notPresentHandled() {
        return notPresentHandled;
    }

    /** Page-not-present events that the handler refused. */
    public long notPresentRefused() {
        return notPresentRefused;
    }

    /** Page-ready interrupts for one token. */
    public long pageReadyHandled() {
        return pageReadyHandled;
    }

    /** Page-ready interrupts for every token. */
    public long wakeAllHandled() {
        return wakeAllHandled;
    }

    /** Page-ready interrupts whose token no task slept on. */
    public long unknownTokens() {
        return unknownTokens;
    }

    /** Page-ready interrupts without the page-ready reason. */
    public long wrongInterrupts() {
        return wrongInterrupts;
    }

    /** Tasks that have carried out all their accesses. */
    public long tasksFinished() {
        return tasksFinished;
    }
}
