// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import io.faultline.model.AsyncPf;
import io.faultline.model.ControlWord;
import io.faultline.model.Reason;
import io.faultline.model.Refusal;
import io.faultline.model.StepKind;
import io.faultline.model.Token;

/** What one vCPU's guest is told, and the rules for telling it. Owned by the machine's thread. */
final class Notifications {
    /*
     * The guest can be told one thing at a time: "page not present" (by an SDEI event) and "page ready" (by an interrupt)
     * share one area. A publication holds the area from its acceptance, before the guest knows, until the guest clears it;
     * a page-ready holds it until cleared, and the interrupt until acknowledged. Completions meanwhile wait in their order.
     *
     * A completion whose publication is still pending takes it back at once, wherever it would stand among the waiting
     * ones. (The kernel does so for the head of its list only; the guest is then told of a page that is mapped already.)
     * So no waiting completion is ever that of the pending publication, and the head can be dequeued exactly when the area
     * is free, nothing is pending and the interrupt is low.
     *
     * A handler may arrive running, from a host that the guest migrated from, with a token that it has yet to put a task
     * aside for. No page-ready, the wake-all first, may come before it completes: the task would sleep for good.
     *
     * On one machine a guest takes a page-ready interrupt before the next instruction, so it cannot fault in between. Here
     * the interrupt travels, and a fault may overtake it. Such a publication may wait until the interrupt is acknowledged,
     * as if the guest had come to its instruction after the interrupt; the owner ends the wait when the page is there.
     *
     * No command and no call tells the guest anything by itself: enter() does, at the end of an input batch, completions
     * first, so that a completion in the batch can still take a publication back.
     */
    private final VcpuReports reports;
    private final AreaAccess areas;

    private final SharedArea area = new SharedArea();
    private final NotPresent notPresent = new NotPresent();
    private final PageReadyInterrupt interrupt = new PageReadyInterrupt();
    private final WaitingPublication waiting = new WaitingPublication();
    private final Completions done = new Completions();
    private final TokenLedger tokens = new TokenLedger();

    private SdeiEvent event;
    private SdeiPe pe;
    private int interruptNumber = AsyncPf.DEFAULT_INTERRUPT;
    private long control = ControlWord.DISABLED;
    private boolean handlerCameRunning;

    Notifications(VcpuReports reports, AreaAccess areas) {
        this.reports = reports;
        this.areas = areas;
        event = apfEvent(AsyncPf.DEFAULT_SDEI_EVENT);
        pe = newPe(event);
    }

    /** Names the event and the interrupt; 0 leaves the one that was. Another event than before is not registered yet. */
    void define(int sdeiEvent, int pageReadyInterrupt) {
        if (pageReadyInterrupt != 0) {
            interruptNumber = pageReadyInterrupt;
        }
        if (sdeiEvent != 0 && sdeiEvent != event.number()) {
            SdeiEvent other = apfEvent(sdeiEvent);
            pe.exchange(event, other);
            event = other;
        }
    }

    /** The PE comes up: events masked, none registered. */
    void resetPe() {
        event = apfEvent(event.number());
        pe = newPe(event);
        handlerCameRunning = false;
    }

    /** What migrates of the PE. */
    SdeiSnapshot snapshot() {
        return new SdeiSnapshot(pe.isMasked(), event.number(), pe.snapshot(event));
    }

    /** The PE comes up as it was elsewhere; to be called while disarmed. */
    void restorePe(SdeiPe restored, SdeiEvent published) {
        event = published;
        pe = restored;
        handlerCameRunning = published.state().isRunning();
    }

    /**
     * A handler has completed. One that failed to put its task aside owes the area nothing more: it is taken back from
     * a guest that left it as it was.
     */
    void handled(SdeiEvent completed, boolean failed) {
        if (completed == event) {
            handlerCameRunning = false;
            if (failed && area.reason() == Reason.PAGE_NOT_PRESENT.code()) {
                area.clear(AreaWords.BOTH);
            }
        }
    }

    /** Why a control word cannot be armed with; NONE when it can. */
    Refusal armingObstacle(long newControl) {
        if (!ControlWord.isValid(newControl) || !ControlWord.isEnabled(newControl)) {
            return Refusal.INVALID;
        }
        return isAreaAccessible(newControl) ? Refusal.NONE : Refusal.AREA_UNREADABLE;
    }

    /** Publications are accepted from now on. Disarmed before, so the area is free and nothing is pending. */
    void arm(long newControl) {
        control = newControl;
    }

    /** Drops the area's content, what is pending, and what waits. Harmless when not armed. */
    void disarm() {
        control = ControlWord.DISABLED;
        area.clear(AreaWords.BOTH);
        event.cancel();
        notPresent.clear();
        interrupt.lower();
        done.clear();
        tokens.clear();
        waiting.clear();
    }

    boolean isArmed() {
        return ControlWord.isEnabled(control);
    }

    /** Makes the area say "page not present" and triggers the event; or refuses, without a trace. */
    void publish(int token, long cause) {
        Refusal refusal = publicationObstacle(token);
        if (refusal != Refusal.NONE) {
            reports.refused(token, refusal);
            return;
        }
        accept(token, cause);
    }

    /** As {@link #publish}; but where nothing except a page-ready is in the way, the answer waits for its acknowledgement. */
    void publishOrWait(int token, long cause) {
        Refusal refusal = publicationObstacle(token);
        boolean isReadyInTheWay =
                interrupt.isHigh() && (refusal == Refusal.READY_UNACKNOWLEDGED || refusal == Refusal.AREA_BUSY);
        if (isReadyInTheWay && !waiting.isThere()) {
            waiting.begin(token, cause);
        } else {
            publish(token, cause);
        }
    }

    /** Refuses a publication that still waits. One that has its answer is untouched, and nothing is said of it. */
    void withdraw(int token) {
        if (waiting.isOf(token)) {
            waiting.clear();
            Refusal refusal = publicationObstacle(token);
            reports.refused(token, refusal == Refusal.NONE ? Refusal.READY_UNACKNOWLEDGED : refusal);
        }
    }

    private void accept(int token, long cause) {
        tokens.open(token);
        area.write(Reason.PAGE_NOT_PRESENT, token);
        notPresent.publish(token, cause);
        event.trigger();
        reports.verdict(VerdictKind.ACCEPTED, token, 0);
    }

    /** Takes the publication back if the guest was not told of it, else queues "page ready". */
    void complete(int token, long cause) {
        switch (tokens.complete(token)) {
            case UNKNOWN -> reports.verdict(VerdictKind.UNKNOWN, token, 0);
            case ALREADY -> reports.verdict(VerdictKind.ALREADY, token, 0);
            case COMPLETED -> {
                if (notPresent.isPendingFor(token)) {
                    cancel(token, cause);
                } else {
                    done.add(token, cause);
                }
            }
        }
    }

    /** Queues a page-ready for every parked task; ALREADY when completions are queued, and no broadcast follows then. */
    void wakeAll() {
        if (!isArmed()) {
            reports.refused(Token.WAKE_ALL, Refusal.NOT_ARMED);
        } else if (done.isEmpty()) {
            done.add(Token.WAKE_ALL, 0);
        } else {
            reports.verdict(VerdictKind.ALREADY, Token.WAKE_ALL, 0);
        }
    }

    /** The guest wrote zeros to the area. */
    void clearArea(AreaWords words) {
        area.clear(words);
    }

    /** The guest acknowledged the page-ready interrupt; nothing happens while its level is low. */
    void acknowledge() {
        if (interrupt.isHigh()) {
            reports.step(StepKind.ACKNOWLEDGED, interrupt.token(), interrupt.step());
            interrupt.lower();
        }
    }

    /**
     * What a vCPU does before it enters its guest: completions first, then SDEI events. True when a completion waits for
     * nothing but the area to become accessible, which nobody tells: the vCPU is to be entered again.
     */
    boolean enter() {
        if (reports.canTellGuest()) {
            publishReady();
            publishWaiting();
            SdeiEvent next;
            while ((next = pe.dispatchable()) != null) {
                dispatch(next);
                // The area is free already if the guest cleared it before it was told: then that was all in the way.
                publishReady();
            }
        }
        return !done.isEmpty() && mayDequeue() && !isAreaAccessible(control);
    }

    /* After the completions: they were there first, and each holds the area until the guest has acknowledged it. */
    private void publishWaiting() {
        if (waiting.isThere() && !interrupt.isHigh()) {
            int token = waiting.token();
            long cause = waiting.cause();
            waiting.clear();
            publish(token, cause);
        }
    }

    private void publishReady() {
        if (done.isEmpty() || !canDequeue()) {
            return;
        }
        int token = done.headToken();
        long cause = done.headCause();
        done.removeHead();
        StepKind kind = StepKind.WOKE_ALL;
        if (token != Token.WAKE_ALL) {
            kind = StepKind.READY;
            tokens.end(token);
        }
        area.write(Reason.PAGE_READY, token);
        long step = reports.step(kind, token, cause);
        interrupt.raise(token, step);
        reports.verdict(VerdictKind.READY, token, step);
        reports.event(HostEventKind.INTERRUPT).area(area).interrupt(interruptNumber);
        reports.send();
    }

    private boolean canDequeue() {
        return mayDequeue() && isAreaAccessible(control);
    }

    private boolean mayDequeue() {
        return !interrupt.isHigh() && !notPresent.isPending() && area.isFree() && !handlerCameRunning;
    }

    private void dispatch(SdeiEvent next) {
        pe.dispatch(next);
        if (next == event && notPresent.isPending()) {
            reports.step(StepKind.DELIVERED, notPresent.token(), notPresent.cause());
            notPresent.clear();
        }
        reports.event(HostEventKind.SDEI_EVENT).handler(next).area(area).context(pe.registers());
        reports.send();
    }

    private void cancel(int token, long cause) {
        event.cancel();
        notPresent.clear();
        area.clear(AreaWords.BOTH);
        tokens.end(token);
        reports.verdict(VerdictKind.CANCELLED, token, reports.step(StepKind.CANCELLED, token, cause));
    }

    /* The order is part of the contract: the vCPU, the token, the PE, the area, and last what the guest still owes. */
    private Refusal publicationObstacle(int token) {
        if (reports.guest() == null) {
            return Refusal.NO_GUEST;
        }
        if (!isArmed()) {
            return Refusal.NOT_ARMED;
        }
        if (!reports.canTellGuest()) {
            return Refusal.NO_GUEST;
        }
        if (!Token.isIssuable(token) || Token.vcpuId(token) != reports.vcpuId() || tokens.isOutstanding(token)) {
            return Refusal.INVALID;
        }
        if (tokens.isFull()) {
            return Refusal.LIMIT;
        }
        Refusal sdei = pe.obstacle(event);
        return sdei == Refusal.NONE ? areaObstacle() : sdei;
    }

    private Refusal areaObstacle() {
        if (!isAreaAccessible(control)) {
            return Refusal.AREA_UNREADABLE;
        }
        if (!area.isFree()) {
            return Refusal.AREA_BUSY;
        }
        if (notPresent.isPending() || waiting.isThere()) {
            return Refusal.EVENT_PENDING;
        }
        return interrupt.isHigh() ? Refusal.READY_UNACKNOWLEDGED : Refusal.NONE;
    }

    private boolean isAreaAccessible(long controlWord) {
        return areas.isAccessible(reports.vmId(), ControlWord.areaAddress(controlWord));
    }

    private static SdeiPe newPe(SdeiEvent published) {
        return new SdeiPe(new SdeiEvent(SdeiEvent.SOFTWARE_SIGNALLED, false), published);
    }

    static SdeiEvent apfEvent(int number) {
        return new SdeiEvent(number, true);
    }

    /** Whether a handler that came running holds page-readys back. */
    boolean awaitsHandler() {
        return handlerCameRunning;
    }

    SdeiPe pe() {
        return pe;
    }

    SdeiEvent event() {
        return event;
    }

    SharedArea area() {
        return area;
    }

    NotPresent notPresent() {
        return notPresent;
    }

    WaitingPublication waiting() {
        return waiting;
    }

    PageReadyInterrupt interrupt() {
        return interrupt;
    }

    Completions done() {
        return done;
    }

    TokenLedger tokens() {
        return tokens;
    }
}
