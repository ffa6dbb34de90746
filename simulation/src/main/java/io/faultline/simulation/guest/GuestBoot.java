// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.guest;

import io.faultline.model.AsyncPf;
import io.faultline.model.ControlWord;
import io.faultline.simulation.check.Invariant;
import io.faultline.simulation.check.InvariantViolation;
import io.faultline.simulation.message.Call;
import java.util.function.LongConsumer;

/**
 * Brings asynchronous faults up on one vCPU, and again whenever they were lost: asks, attaches, registers, unmasks, enables.
 * One thread.
 */
final class GuestBoot {
    private static final int VERSION = 0;
    private static final int SLOTS = 1;
    private static final int SDEI = 2;
    private static final int IRQ = 3;
    private static final int ENABLE = 4;
    private static final int NO_FUNCTION = 9;
    private static final long NOT_SUPPORTED = -1;
    private static final long NOT_REQUIRED = -2;
    private static final long HANDLER = 0xFFFF_8000_0801_0800L;
    private static final long MS = 1_000_000;

    private final Guest guest;
    private final GuestCpu cpu;
    private Step step = Step.OFF;
    private long callId;
    /** Answers to an earlier attempt mean nothing. */
    private int attempt;

    private boolean attached;

    private enum Step {
        OFF,
        ASKING,
        ATTACHING,
        REGISTERING,
        ENABLING_EVENT,
        UNMASKING,
        ENABLING,
        ON
    }

    GuestBoot(Guest guest, GuestCpu cpu) {
        this.guest = guest;
        this.cpu = cpu;
    }

    boolean isOn() {
        return step == Step.ON;
    }

    /** Whether events concern this boot: they do once the host has said that the vCPU is attached. */
    boolean isAttached() {
        return attached;
    }

    /** Grows whenever what was there before means nothing any more. */
    int attempt() {
        return attempt;
    }

    void begin() {
        attempt++;
        step = Step.ASKING;
        ask(
                VERSION,
                AsyncPf.VERSION,
                () -> ask(
                        SLOTS,
                        AsyncPf.WORKS_PER_VCPU,
                        () -> ask(
                                SDEI,
                                AsyncPf.DEFAULT_SDEI_EVENT,
                                () -> ask(
                                        IRQ,
                                        AsyncPf.DEFAULT_INTERRUPT,
                                        () -> ask(NO_FUNCTION, NOT_SUPPORTED, this::attach)))));
    }

    /** Gives up what there is; something else begins anew. */
    void stop() {
        attempt++;
        step = Step.OFF;
        attached = false;
    }

    /** Begins anew after a while. */
    void retry() {
        attempt++;
        step = Step.OFF;
        int current = attempt;
        guest.after(guest.chance().between(2 * MS, 20 * MS), () -> {
            if (attempt == current) {
                begin();
            }
        });
    }

    private void ask(int function, long expected, Runnable next) {
        hypercall(function, 0, result -> {
            if (result != expected) {
                throw new InvariantViolation(
                        Invariant.I33,
                        "hypercall " + function + " returned " + result + " (expected: " + expected + ")");
            }
            next.run();
        });
    }

    private void hypercall(int function, long argument, LongConsumer next) {
        int current = attempt;
        guest.hypercall(cpu.id(), function, argument, result -> {
            if (attempt != current) {
                return;
            }
            if (result == null) {
                retry();
            } else {
                next.accept(result);
            }
        });
    }

    private void attach() {
        step = Step.ATTACHING;
        if (guest.isListening()) {
            attached = false;
            callId = guest.newCallId();
            guest.call(Call.of(Call.Kind.ATTACH, guest.vmId(), cpu.id(), callId));
        }
    }

    /** The stream to the notifier is up. */
    void listening() {
        if (step == Step.ATTACHING) {
            attach();
        } else if (step == Step.OFF) {
            retry();
        }
    }

    /** The vCPU is attached. */
    void attached(long answeredCallId) {
        if (step == Step.ATTACHING && answeredCallId == callId) {
            attached = true;
            call(Step.REGISTERING, 0xC400_0021, HANDLER);
        }
    }

    /** A call returned; whether it was one of the boot's. */
    void result(long answeredCallId, long result) {
        if (answeredCallId != callId) {
            return;
        }
        if (result < 0) {
            retry();
            return;
        }
        switch (step) {
            case REGISTERING -> call(Step.ENABLING_EVENT, 0xC400_0022, 0);
            case ENABLING_EVENT -> call(Step.UNMASKING, 0xC400_002C, 0);
            case UNMASKING -> enable();
            case OFF, ASKING, ATTACHING, ENABLING, ON -> {}
        }
    }

    private void enable() {
        step = Step.ENABLING;
        hypercall(ENABLE, cpu.controlWord(), result -> {
            if (result == 0) {
                step = Step.ON;
                guest.count("asynchronous faults on");
            } else if (result == NOT_REQUIRED) {
                hypercall(ENABLE, ControlWord.DISABLED, _ -> enable());
            } else {
                retry();
            }
        });
    }

    /** Turns asynchronous faults off, and on again later. */
    void toggle() {
        if (step == Step.ON) {
            step = Step.ENABLING;
            guest.count("asynchronous faults off");
            hypercall(ENABLE, ControlWord.DISABLED, _ -> {
                cpu.wakeAll();
                int current = attempt;
                guest.after(guest.chance().between(0, 10 * MS), () -> {
                    if (attempt == current) {
                        enable();
                    }
                });
            });
        }
    }

    private void call(Step next, int function, long argument2) {
        step = next;
        callId = guest.newCallId();
        guest.sdei(cpu.id(), callId, function, argument2);
    }

    @Override
    public String toString() {
        return step.name();
    }
}
