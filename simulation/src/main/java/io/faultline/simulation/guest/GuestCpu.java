// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.guest;

import io.faultline.model.ControlWord;
import io.faultline.model.Reason;
import io.faultline.model.Token;
import io.faultline.notifier.domain.AreaWords;
import io.faultline.simulation.message.Call;
import io.faultline.simulation.message.Event;
import io.faultline.simulation.message.Outcome;
import io.faultline.simulation.message.Touch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One vCPU of a guest: runs one task at a time and its handlers in between, as Linux's arm64 series does, unless its guest's
 * temper says otherwise. One thread.
 */
final class GuestCpu {
    /*
     * From the fault until the host's decision the vCPU is outside the guest, but for interrupts, which it takes before it
     * comes to the instruction again. The decision is a terminal outcome, or ASYNC and then the event; outcomes and events come by different streams, so an event that comes first is held until the
     * outcome says whose it is. A woken task executes its access again unless its outcome is known by then.
     */
    private static final int EVENT_COMPLETE = 0xC400_0025;
    private static final int EVENT_COMPLETE_AND_RESUME = 0xC400_0026;
    private static final int SOFTWARE_SIGNALLED = 0;
    private static final int AREA_STRIDE_BYTES = 128;
    private static final long AREAS_IPA = 0x1000;
    private static final long US = 1_000;
    private static final long MS = 1_000_000;

    private final Guest guest;
    private final int id;
    private final long areaIpa;
    private final GuestBoot boot;
    private final List<GuestTask> tasks = new ArrayList<>();
    private final ArrayDeque<GuestTask> runQueue = new ArrayDeque<>();
    private final Map<Integer, GuestTask> sleepers = new TreeMap<>();
    private final Map<Long, GuestTask> faults = new TreeMap<>();

    private @Nullable GuestTask current;
    private long sequence;
    private boolean undecided;
    private boolean unsent;
    private boolean eventDue;
    private int dueToken;
    private @Nullable Event heldEvent;

    private boolean inHandler;
    private long handlerCallId;
    private @Nullable Event interrupt;
    private boolean acknowledging;
    private long acknowledgeCallId;
    private boolean thinking;

    GuestCpu(Guest guest, int id, int index, int taskCount) {
        this.guest = guest;
        this.id = id;
        areaIpa = AREAS_IPA + (long) index * AREA_STRIDE_BYTES;
        boot = new GuestBoot(guest, this);
        for (int i = 0; i < taskCount; i++) {
            GuestTask task = new GuestTask();
            tasks.add(task);
            runQueue.add(task);
        }
    }

    int id() {
        return id;
    }

    GuestBoot boot() {
        return boot;
    }

    long controlWord() {
        return areaIpa | ControlWord.ENABLED | (guest.sendsAlways() ? ControlWord.SEND_ALWAYS : 0);
    }

    /** Gives the tasks pages to read, in turn. */
    void mustRead(List<Long> pages) {
        for (int i = 0; i < pages.size(); i++) {
            tasks.get(i % tasks.size()).mustRead(pages.get(i));
        }
        for (GuestTask task : tasks) {
            if (task != current && !task.isAsleep() && !runQueue.contains(task)) {
                runQueue.add(task);
            }
        }
        advance();
    }

    /** Carries on as far as it can. */
    void advance() {
        Event pending = interrupt;
        if (thinking || inHandler || acknowledging || eventDue) {
            return;
        }
        if (pending != null) {
            interrupt = null;
            int attempt = boot.attempt();
            think(guest.temper() == Temper.SLOW ? 20 * MS : 20 * US, () -> {
                if (boot.attempt() == attempt) {
                    takeInterrupt(pending);
                }
            });
        } else if (!undecided && !runQueue.isEmpty()) {
            think(300 * US, this::runNext);
        }
    }

    private void think(long mostNs, Runnable then) {
        thinking = true;
        guest.after(guest.chance().between(US, mostNs), () -> {
            thinking = false;
            then.run();
            advance();
        });
    }

    private boolean isOutside() {
        return undecided || eventDue || inHandler || acknowledging;
    }

    private void runNext() {
        if (isOutside() || interrupt != null) {
            return;
        }
        GuestTask task = runQueue.poll();
        if (task != null && task.next(guest)) {
            current = task;
            touch(task);
        }
    }

    private void touch(GuestTask task) {
        undecided = true;
        unsent = !guest.canRaise();
        if (!unsent) {
            sequence = guest.newSequence();
            faults.put(sequence, task);
            guest.raise(new Touch(
                    sequence, guest.vmId(), id, task.gfn(), task.access(), task.privilege(), task.isPrefault()));
        }
    }

    /** The stream of faults is up: what could not be raised is. */
    void faultsConnected() {
        GuestTask task = current;
        if (unsent && task != null) {
            touch(task);
        }
    }

    /** The stream of faults broke: outcomes of what was raised on it will not come. */
    void faultsLost() {
        faults.clear();
        if (undecided || eventDue) {
            undecided = true;
            unsent = true;
            eventDue = false;
            refuseHeldEvent();
        }
    }

    /** An outcome of a fault of this vCPU. */
    void outcome(Outcome outcome) {
        GuestTask task = faults.get(outcome.sequence());
        if (task == null) {
            return;
        }
        boolean isCurrent = task == current && outcome.sequence() == sequence;
        if (outcome.kind() == Outcome.Kind.ASYNC) {
            if (isCurrent && undecided) {
                undecided = false;
                eventDue = true;
                dueToken = outcome.token();
                takeHeldEvent();
            }
        } else {
            faults.remove(outcome.sequence());
            task.end();
            if (isCurrent) {
                undecided = false;
                eventDue = false;
                leave(task);
                refuseHeldEvent();
            }
        }
        advance();
    }

    private void leave(GuestTask task) {
        current = null;
        runQueue.add(task);
    }

    /** An event of the host. */
    void event(Event event) {
        switch (event.kind()) {
            case ATTACHED -> boot.attached(event.callId());
            case RESULT -> result(event);
            case SDEI_EVENT -> {
                inHandler = true;
                if (event.number() == SOFTWARE_SIGNALLED) {
                    guest.count("signals taken");
                    completeSignal();
                } else {
                    heldEvent = event;
                    if (!undecided) {
                        takeHeldEvent();
                    }
                }
            }
            case RESUMED -> {
                if (event.callId() == handlerCallId) {
                    inHandler = false;
                }
            }
            case INTERRUPT -> interrupt = event;
            case DETACHED -> {
                detached();
                boot.stop();
                boot.retry();
            }
            case NONE -> {}
        }
        advance();
    }

    private void result(Event event) {
        if (acknowledging && event.callId() == acknowledgeCallId) {
            acknowledging = false;
        } else if (inHandler && event.callId() == handlerCallId) {
            inHandler = false;
        } else {
            boot.result(event.callId(), event.result());
        }
    }

    private void takeHeldEvent() {
        Event event = heldEvent;
        GuestTask task = current;
        if (event == null) {
            return;
        }
        boolean isOurs = eventDue
                && task != null
                && event.token() == dueToken
                && event.reason() == Reason.PAGE_NOT_PRESENT.code();
        if (!isOurs || task == null) {
            refuseHeldEvent();
            return;
        }
        heldEvent = null;
        eventDue = false;
        current = null;
        task.sleep();
        sleepers.put(event.token(), task);
        guest.count("tasks parked");
        endHandler(EVENT_COMPLETE_AND_RESUME);
    }

    private void refuseHeldEvent() {
        if (heldEvent != null) {
            heldEvent = null;
            guest.count("events refused");
            endHandler(EVENT_COMPLETE);
        }
    }

    private void completeSignal() {
        int attempt = boot.attempt();
        guest.after(guest.chance().between(US, MS), () -> {
            if (boot.attempt() == attempt) {
                handlerCallId = guest.newCallId();
                guest.sdei(id, handlerCallId, EVENT_COMPLETE, 0);
            }
        });
    }

    private void endHandler(int how) {
        int attempt = boot.attempt();
        guest.after(guest.chance().between(US, guest.temper() == Temper.SLOW ? 20 * MS : 10 * US), () -> {
            if (boot.attempt() != attempt) {
                return;
            }
            if (guest.misbehaves(Temper.CLEARS_HALF)) {
                clear(guest.chance().onceIn(2) ? AreaWords.TOKEN : AreaWords.REASON);
            } else {
                clear(AreaWords.BOTH);
            }
            if (guest.misbehaves(Temper.NEVER_COMPLETES)) {
                inHandler = false;
                advance();
            } else {
                handlerCallId = guest.newCallId();
                guest.sdei(id, handlerCallId, how, 0);
            }
        });
    }

    private void takeInterrupt(Event event) {
        wake(event.token());
        if (guest.misbehaves(Temper.CLEARS_HALF)) {
            clear(guest.chance().onceIn(2) ? AreaWords.TOKEN : AreaWords.REASON);
        } else if (!guest.misbehaves(Temper.ACKNOWLEDGES_UNCLEARED)) {
            clear(AreaWords.BOTH);
        }
        if (!guest.misbehaves(Temper.CLEARS_UNACKNOWLEDGED)) {
            acknowledging = true;
            acknowledgeCallId = guest.newCallId();
            guest.call(Call.of(Call.Kind.ACKNOWLEDGE, guest.vmId(), id, acknowledgeCallId));
        }
    }

    private void clear(AreaWords words) {
        guest.call(Call.clear(guest.vmId(), id, words));
    }

    private void wake(int token) {
        if (token == Token.WAKE_ALL) {
            guest.count("wake-alls taken");
            wakeAll();
            return;
        }
        GuestTask task = sleepers.remove(token);
        if (task == null) {
            guest.count("page-readies of unknown tokens");
        } else {
            guest.count("tasks woken");
            task.wake();
            runQueue.add(task);
        }
    }

    /** Wakes every parked task of this vCPU. */
    void wakeAll() {
        for (GuestTask task : sleepers.values()) {
            task.wake();
            runQueue.add(task);
        }
        sleepers.clear();
        advance();
    }

    /** Notifications have ended: goes on without. */
    void detached() {
        inHandler = false;
        acknowledging = false;
        interrupt = null;
        heldEvent = null;
        wakeAll();
    }

    /** The vCPU was reset: it boots with its tasks where they were. */
    void restarted() {
        faults.clear();
        GuestTask task = current;
        undecided = false;
        unsent = false;
        eventDue = false;
        if (task != null) {
            leave(task);
        }
        boot.stop();
        detached();
        boot.retry();
    }

    boolean isResting() {
        return !isOutside() && !thinking && interrupt == null && runQueue.isEmpty() && sleepers.isEmpty();
    }

    int parked() {
        return sleepers.size();
    }

    @Override
    public String toString() {
        return "vcpu " + guest.vmId() + "/" + id + " boot " + boot
                + (undecided ? ", fault " + sequence + " undecided" : "")
                + (unsent ? ", not sent" : "")
                + (eventDue ? ", event due" : "")
                + (inHandler ? ", in handler" : "")
                + (acknowledging ? ", acknowledging" : "")
                + ", parked " + sleepers.keySet().stream().map(Token::format).toList()
                + ", runnable " + runQueue.size();
    }
}
