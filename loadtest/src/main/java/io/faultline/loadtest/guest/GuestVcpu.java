// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.guest;

import io.faultline.model.Reason;
import io.faultline.model.Token;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One vCPU of the guest: a serial processor that runs one task at a time and its interrupt and event handlers in between.
 * Owned by the kernel's thread.
 */
final class GuestVcpu {
    /*
     * A task runs until it touches a page. From then until the host has decided, no task runs on the vCPU. It takes an
     * interrupt that comes meanwhile, as a vCPU does before it executes the instruction again. A synchronous fault is decided by its terminal outcome. An
     * asynchronous one is decided by ASYNC, and the guest goes on inside the event's handler, which puts the task aside;
     * only when the page was there before the event could be delivered does no event come, and the outcome ends the wait.
     * Outcomes and events come from two services, so either may be first.
     *
     * Back from the handler the vCPU takes a waiting interrupt before anything else, as COMPLETE_AND_RESUME makes it do.
     * The acknowledgement is a hypercall: the vCPU waits for its return, by which time the host has published the next
     * page-ready, if there is one. Among runnable tasks the one whose next access was recorded first runs first, so that
     * without asynchronous faults the recorded order comes out.
     */

    /** VBAR_EL1 + 0x480, the vector of an interrupt from EL0: where a handler resumes, to look like an interrupt. */
    private static final long RESUME_ADDRESS = 0xFFFF_8000_0801_1480L;

    private final int vcpuId;
    private final GuestHost host;
    private final GuestCounters counters;
    private final Violations violations;
    private final LongSupplier callIds;
    private final GuestBoot boot;
    private final SleeperTable sleepers = new SleeperTable();
    private final PriorityQueue<Task> runQueue = new PriorityQueue<>();
    /** The fault that each unfinished token was issued for. */
    private final Map<Integer, Long> sequenceOfToken = new HashMap<>();

    private boolean isStarted;
    private @Nullable Task current;
    private long currentSequence;
    private boolean isUndecided;
    private boolean isEventDue;
    /** The token of the current task's fault, as ASYNC or the event said, whichever was first. */
    private int currentToken = Token.NONE;
    /** A token that ended without an event; one may still be on its way. */
    private int droppedToken = Token.NONE;

    private boolean isInHandler;
    private long handlerCallId;
    private boolean isAcknowledging;
    private long acknowledgeCallId;
    private boolean isInterruptPending;
    private int interruptReason;
    private int interruptToken;

    GuestVcpu(int vcpuId, GuestHost host, GuestKernel.Shared shared, long areaIpa) {
        this.vcpuId = vcpuId;
        this.host = host;
        counters = shared.counters();
        violations = shared.violations();
        callIds = shared.callIds();
        boot = new GuestBoot(vcpuId, areaIpa, host, callIds);
    }

    GuestBoot boot() {
        return boot;
    }

    void add(Task task) {
        if (task.isFinished()) {
            counters.tasksFinished++;
        } else {
            makeRunnable(task);
        }
    }

    /** Lets user tasks run from now on. */
    void start() {
        isStarted = true;
    }

    /** Carries on until the vCPU waits for its host or has nothing to do; accesses before that one are due. */
    void run(int dueBefore) {
        while (!isInHost()) {
            if (isInterruptPending) {
                takeInterrupt();
                continue;
            }
            if (isUndecided) {
                return;
            }
            if (current != null) {
                Task left = current;
                current = null;
                settle(left);
            }
            Task next = isStarted ? runQueue.peek() : null;
            if (next == null || next.access() >= dueBefore) {
                return;
            }
            runQueue.remove();
            next.setQueued(false);
            dispatch(next);
        }
    }

    void faultAsync(Task task, long sequence, int token) {
        if (task != current || sequence != currentSequence || !isUndecided) {
            violation("ASYNC for a fault that is decided", token);
            return;
        }
        if (!Token.isIssuable(token) || Token.vcpuId(token) != vcpuId) {
            violation("a token that no fault of this vCPU may have", token);
        }
        if (sequenceOfToken.putIfAbsent(token, sequence) != null) {
            violation("a token that is outstanding", token);
        }
        isUndecided = false;
        if (currentToken == Token.NONE) {
            currentToken = token;
            isEventDue = true;
        } else if (currentToken != token) {
            violation("an event said " + Token.format(currentToken) + " and the outcome another token", token);
        }
    }

    /** A fault ended. {@code token} is {@link Token#NONE} for one that never was asynchronous. */
    void faultEnded(Task task, long sequence, int token, boolean isDropped) {
        boolean isCurrent = task == current && sequence == currentSequence;
        if (token == Token.NONE) {
            sequenceOfToken.values().remove(sequence);
        } else if (!sequenceOfToken.remove(token, sequence)) {
            violation("RESOLVED for a token that its fault does not have", token);
        }
        if (isCurrent) {
            if (isUndecided && currentToken != Token.NONE) {
                violation("a synchronous outcome for a fault that an event was delivered for", currentToken);
            }
            if (isEventDue && isDropped) {
                droppedToken = currentToken;
            }
            isUndecided = false;
            isEventDue = false;
        }
        task.endFault();
        settle(task);
    }

    /** Outcomes of faults raised so far will not come any more: no task waits for one. */
    void faultsLost() {
        sequenceOfToken.clear();
        if (isEventDue) {
            droppedToken = currentToken;
        }
        isUndecided = false;
        isEventDue = false;
    }

    /** Likewise for one of its tasks; how many faults it had in flight. */
    int faultsLost(Task task) {
        int count = task.loseFaults();
        if (count > 0) {
            settle(task);
        }
        return count;
    }

    /** The host dispatched the event: its handler runs. */
    void notPresent(int reason, int token) {
        if (isInHandler) {
            violation("an event inside its own handler", token);
            return;
        }
        isInHandler = true;
        handlerCallId = callIds.getAsLong();
        if (reason != Reason.PAGE_NOT_PRESENT.code()) {
            counters.notPresentRefused++;
            complete(SdeiFunction.STATUS_FAILED);
            return;
        }
        boolean isTold = current != null
                && token != droppedToken
                && (isUndecided || (isEventDue && token == currentToken))
                && sleepers.enter(current, token);
        host.clearArea(vcpuId);
        if (isTold) {
            counters.notPresentHandled++;
            isEventDue = false;
            currentToken = token;
            host.sdeiCall(vcpuId, handlerCallId, SdeiFunction.EVENT_COMPLETE_AND_RESUME, RESUME_ADDRESS);
        } else {
            counters.notPresentRefused++;
            complete(token == droppedToken ? SdeiFunction.STATUS_HANDLED : SdeiFunction.STATUS_FAILED);
        }
    }

    void resumed(long callId) {
        if (isInHandler && callId == handlerCallId) {
            isInHandler = false;
        }
    }

    /** The page-ready interrupt's level went high. */
    void interrupt(int reason, int token) {
        if (isInterruptPending) {
            violation("a page-ready interrupt before the last one was taken", token);
            return;
        }
        isInterruptPending = true;
        interruptReason = reason;
        interruptToken = token;
    }

    void result(long callId, long result) {
        if (isAcknowledging && callId == acknowledgeCallId) {
            isAcknowledging = false;
        } else if (isInHandler && callId == handlerCallId) {
            violation("a handler could not be completed: " + result, currentToken);
            isInHandler = false;
        } else {
            boot.result(callId, result);
        }
    }

    /** The connection to the host's notifications is gone: go on without, and let everyone touch their pages again. */
    void detached() {
        boot.detached();
        isInHandler = false;
        isAcknowledging = false;
        isInterruptPending = false;
        wake(Token.WAKE_ALL);
    }

    /** Whether not even an interrupt can be taken. */
    private boolean isInHost() {
        return isEventDue || isInHandler || isAcknowledging;
    }

    private void complete(int status) {
        host.sdeiCall(vcpuId, handlerCallId, SdeiFunction.EVENT_COMPLETE, status);
    }

    private void takeInterrupt() {
        isInterruptPending = false;
        if (interruptReason != Reason.PAGE_READY.code()) {
            counters.wrongInterrupts++;
            return;
        }
        wake(interruptToken);
        if (interruptToken == Token.WAKE_ALL) {
            counters.wakeAllHandled++;
        } else {
            counters.pageReadyHandled++;
        }
        host.clearArea(vcpuId);
        isAcknowledging = true;
        acknowledgeCallId = callIds.getAsLong();
        host.acknowledge(vcpuId, acknowledgeCallId);
    }

    private void wake(int token) {
        Task task;
        if (token == Token.WAKE_ALL) {
            while ((task = sleepers.takeAny()) != null) {
                task.wake(true);
                settle(task);
            }
        } else if ((task = sleepers.take(token)) != null) {
            task.wake(false);
            settle(task);
        } else {
            counters.unknownTokens++;
        }
    }

    /** Decides what becomes of a task that is off the processor. */
    private void settle(Task task) {
        if (task == current || task.isQueued() || task.isAsleep()) {
            return;
        }
        if (task.isLost()) {
            makeRunnable(task);
            return;
        }
        if (task.hasFaultInFlight()) {
            if (task.isRetryDue()) {
                makeRunnable(task);
            }
            return;
        }
        task.endAccess();
        if (task.isFinished()) {
            counters.tasksFinished++;
        } else {
            makeRunnable(task);
        }
    }

    private void makeRunnable(Task task) {
        task.setQueued(true);
        runQueue.add(task);
    }

    private void dispatch(Task task) {
        boolean isLost = task.isLost();
        if (task.isBegun() && !task.hasFaultInFlight() && !isLost) {
            settle(task);
            return;
        }
        boolean isRetry = task.isBegun();
        current = task;
        currentSequence = task.beginFault();
        currentToken = Token.NONE;
        isUndecided = true;
        counters.faultsRaised++;
        if (isRetry) {
            counters.faultsRetried++;
        }
        host.raise(vcpuId, currentSequence, task.access(), isRetry && !isLost);
    }

    private void violation(String what, int token) {
        violations.add("vCPU " + vcpuId + ": " + what + " (token " + Token.format(token) + ")");
    }

    /** One line for the vCPU and one for each task that is asleep or runnable. */
    String describe() {
        return "vCPU " + vcpuId + ": " + (boot.isOn() ? "asynchronous" : "synchronous")
                + (isUndecided ? ", fault undecided" : "")
                + (isEventDue ? ", event due" : "")
                + (isInHandler ? ", in handler" : "")
                + (isAcknowledging ? ", acknowledging" : "")
                + (isInterruptPending ? ", interrupt pending" : "")
                + ", sleepers " + sleepers.size()
                + ", tokens outstanding " + sequenceOfToken.size()
                + (current == null ? "" : ", running " + current);
    }
}
