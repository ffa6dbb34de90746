// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.model.AsyncPf;
import io.faultline.model.ControlWord;
import io.faultline.model.StepKind;
import io.faultline.model.SyncReason;

/**
 * Whether and how asynchronous faults are on for one vCPU: control word, SDEI event, interrupt and epoch; answers the
 * guest's hypercall and the VMM's ioctl with the kernel's codes. Owned by the VM's thread. Source: {@code
 * kvm_async_pf_hypercall}, {@code kvm_arm_async_pf_vcpu_ioctl}.
 */
/*
 * Enabling is a conversation: a new epoch, ARM to the notifier, and only on its ARMED the control word is stored, a
 * wake-all is asked for, and the caller has its answer. A newer request supersedes one under way, which then is answered
 * NOT_SUPPORTED. Disabling is at once. Each end of an epoch (disable, guest gone, connection lost, re-enable elsewhere)
 * drops what was outstanding in it, so verdicts that still come for it find another epoch here.
 *
 * When the notifier's connection is lost the control word stays: for the guest asynchronous faults are on. It is armed
 * again on reconnection; only a refusal of that turns it off. Not so while the notifier refuses the vCPU itself, because it
 * has not noticed yet that the connection before is dead: then both are asked for again until it has.
 */
final class ControlBlock {
    static final long SUCCESS = 0;
    static final long NOT_SUPPORTED = -1;
    static final long NOT_REQUIRED = -2;
    static final long INVALID_PARAMETER = -3;
    static final long EIO = -5;
    static final long EINVAL = -22;

    private final VirtualMachine machine;
    private final Vcpu vcpu;
    private final Effects effects;
    private final Creation creation;
    private final boolean irqchip;

    private long epoch;
    private long control = ControlWord.DISABLED;
    private boolean armed;
    private long sdeiEvent;
    private int interrupt;

    /** Whether the shared area's memory is there; it may be deleted, or made read-only, while it is in use. */
    private boolean areaWritable;

    private boolean arming;
    private long armingControl;
    private Asker asker = Asker.NOBODY;
    private long askerRequestId;

    private enum Asker {
        NOBODY,
        HYPERCALL,
        IOCTL
    }

    ControlBlock(VirtualMachine machine, Vcpu vcpu, Creation creation) {
        MachineSpec spec = machine.spec();
        this.machine = machine;
        this.vcpu = vcpu;
        this.effects = machine.effects;
        this.creation = creation;
        this.irqchip = spec.irqchip();
        this.epoch = spec.registeredUnixUs();
        this.sdeiEvent = Integer.toUnsignedLong(spec.sdeiEvent());
        this.interrupt = spec.pageReadyInterrupt();
    }

    long epoch() {
        return epoch;
    }

    long control() {
        return control;
    }

    long sdeiEvent() {
        return sdeiEvent;
    }

    int interrupt() {
        return interrupt;
    }

    /** Why no fault of this vCPU goes asynchronous just now, by what its control block says; NONE if they may. */
    SyncReason obstacle(boolean kernelMode) {
        if (!irqchip) {
            return SyncReason.NO_IRQCHIP;
        }
        if (!ControlWord.isEnabled(control)) {
            return SyncReason.DISABLED;
        }
        if (kernelMode && !ControlWord.sendsAlways(control)) {
            return SyncReason.KERNEL_MODE;
        }
        if (!areaWritable) {
            return SyncReason.AREA_UNREADABLE;
        }
        return armed ? SyncReason.NONE : SyncReason.NOTIFIER_UNAVAILABLE;
    }

    void hypercall(long requestId, int function, int argument2, int argument3) {
        switch (function) {
            case 0 -> answer(requestId, AsyncPf.VERSION, 0);
            case 1 -> answer(requestId, AsyncPf.WORKS_PER_VCPU, 0);
            case 2 -> answer(requestId, sdeiEvent, 0);
            case 3 -> answer(requestId, interrupt, 0);
            case 4 -> configure(ControlWord.of(argument2, argument3), requestId, Asker.HYPERCALL);
            default -> answer(requestId, NOT_SUPPORTED, 0);
        }
    }

    void ioctl(long requestId, int command, long value) {
        switch (command) {
            case 0 -> answer(requestId, SUCCESS, AsyncPf.VERSION);
            case 1 -> answer(requestId, SUCCESS, sdeiEvent);
            case 2 -> answer(requestId, SUCCESS, interrupt);
            case 3 -> answer(requestId, SUCCESS, control);
            case 4 -> setSdeiEvent(requestId, value);
            case 5 -> setInterrupt(requestId, value);
            case 6 -> configure(value, requestId, Asker.IOCTL);
            default -> answer(requestId, EINVAL, 0);
        }
    }

    private void setSdeiEvent(long requestId, long value) {
        boolean valid = isEventOrNone(value);
        sdeiEvent = valid ? value : sdeiEvent;
        answer(requestId, valid ? SUCCESS : EINVAL, 0);
    }

    private void setInterrupt(long requestId, long value) {
        boolean valid = isInterruptOrNone(value);
        interrupt = valid ? (int) value : interrupt;
        answer(requestId, valid ? SUCCESS : EINVAL, 0);
    }

    /** Bit 31 of an event number is 0. */
    private static boolean isEventOrNone(long value) {
        return value >= 0 && value <= Integer.MAX_VALUE;
    }

    private static boolean isInterruptOrNone(long value) {
        return value == 0 || (value >= AsyncPf.PPI_MIN && value <= AsyncPf.PPI_MAX);
    }

    /**
     * The vCPU goes on with the numbers it had elsewhere, 0 for those it has here. Asynchronous faults are off, with an
     * epoch that the notifier is yet to hear of.
     *
     * @throws IllegalArgumentException for a number out of range; then nothing has changed
     */
    void restore(long event, long pageReadyInterrupt) {
        if (!isEventOrNone(event)) {
            throw new IllegalArgumentException(
                    "sdei_event: " + Long.toUnsignedString(event) + " (expected: 0 to " + Integer.MAX_VALUE + ")");
        }
        if (!isInterruptOrNone(pageReadyInterrupt)) {
            throw new IllegalArgumentException("page_ready_interrupt: " + Long.toUnsignedString(pageReadyInterrupt)
                    + " (expected: 0, or " + AsyncPf.PPI_MIN + " to " + AsyncPf.PPI_MAX + ")");
        }
        endEpoch(SyncReason.DISABLED);
        control = ControlWord.DISABLED;
        sdeiEvent = event == 0 ? sdeiEvent : event;
        interrupt = pageReadyInterrupt == 0 ? interrupt : (int) pageReadyInterrupt;
    }

    /** A memslot has changed: maybe the one that the shared area lies in. */
    void memslotChanged() {
        areaWritable = machine.isWritable(ControlWord.areaAddress(control));
    }

    private void configure(long word, long requestId, Asker from) {
        long refusal = refusalOf(word);
        if (refusal != SUCCESS) {
            // An ioctl knows one error only, and to turn off what is off is none: SET_CONTROL restores any saved word.
            boolean harmless = from == Asker.IOCTL && refusal == NOT_REQUIRED && word == ControlWord.DISABLED;
            answer(requestId, from == Asker.HYPERCALL ? refusal : harmless ? SUCCESS : EIO, 0);
        } else if (word == ControlWord.DISABLED) {
            disable(SyncReason.DISABLED);
            answer(requestId, SUCCESS, 0);
        } else {
            // Should the new word be refused, nothing may be left of the old one: not here, and not at the notifier.
            disable(SyncReason.DISABLED);
            asker = from;
            askerRequestId = requestId;
            arm(word);
        }
    }

    private long refusalOf(long word) {
        if (!irqchip) {
            return NOT_SUPPORTED;
        }
        if (!ControlWord.isValid(word)) {
            return INVALID_PARAMETER;
        }
        if (word == control && asker == Asker.NOBODY) {
            return NOT_REQUIRED;
        }
        if (word == ControlWord.DISABLED) {
            return SUCCESS;
        }
        if (sdeiEvent == 0 || interrupt == 0) {
            return INVALID_PARAMETER;
        }
        boolean reachable = machine.isNotifierConnected() && machine.isWritable(ControlWord.areaAddress(word));
        return reachable ? SUCCESS : NOT_SUPPORTED;
    }

    private void arm(long word) {
        arming = true;
        armingControl = word;
        effects.arm(vcpu.id(), epoch, word, (int) sdeiEvent, interrupt);
    }

    /** Verdict ARMED; false if it is not about what is being armed. */
    boolean armed(long verdictEpoch) {
        if (!arming || verdictEpoch != epoch) {
            return false;
        }
        arming = false;
        armed = true;
        control = armingControl;
        memslotChanged();
        effects.audit(vcpu.step(StepKind.ENABLED));
        vcpu.async().wakeAll();
        answerAsker(SUCCESS);
        return true;
    }

    /** The notifier did not arm; false if nothing is being armed. */
    boolean armRefused() {
        if (!arming) {
            return false;
        }
        arming = false;
        boolean willBeArmedAgain = creation.isRefused() && asker == Asker.NOBODY;
        if (!willBeArmedAgain) {
            control = ControlWord.DISABLED;
            answerAsker(NOT_SUPPORTED);
        }
        return true;
    }

    /** The notifier disarmed because the guest is gone: the next one enables for itself. */
    void guestDetached() {
        if (armed) {
            endEpoch(SyncReason.NO_GUEST);
            control = ControlWord.DISABLED;
        }
    }

    void notifierConnected() {
        effects.create(vcpu.id(), epoch, (int) sdeiEvent, interrupt);
        if (ControlWord.isEnabled(control)) {
            epoch++;
            arm(control);
        }
    }

    void notifierLost() {
        endEpoch(SyncReason.NOTIFIER_UNAVAILABLE);
    }

    /** The vCPU goes away; whoever still waits for an answer gets one. */
    void close() {
        arming = false;
        answerAsker(NOT_SUPPORTED);
    }

    /** The vCPU was reset. The numbers stay: they are the VMM's, not the guest's. */
    void reset() {
        endEpoch(SyncReason.DISABLED);
        control = ControlWord.DISABLED;
        if (machine.isNotifierConnected()) {
            effects.reset(vcpu.id(), epoch);
        }
    }

    private void disable(SyncReason why) {
        if ((armed || arming) && machine.isNotifierConnected()) {
            effects.disarm(vcpu.id(), epoch);
        }
        endEpoch(why);
        control = ControlWord.DISABLED;
    }

    /** A new epoch: what was outstanding in the old one is dropped, what was being armed is not any more. */
    private void endEpoch(SyncReason why) {
        epoch++;
        arming = false;
        answerAsker(NOT_SUPPORTED);
        if (armed) {
            armed = false;
            effects.audit(vcpu.step(StepKind.DISABLED));
            vcpu.async().epochEnded(why);
        }
    }

    private void answerAsker(long result) {
        if (asker != Asker.NOBODY) {
            boolean hypercall = asker == Asker.HYPERCALL;
            asker = Asker.NOBODY;
            answer(askerRequestId, hypercall || result == SUCCESS ? result : EIO, 0);
        }
    }

    private void answer(long requestId, long result, long value) {
        effects.configured(vcpu.id(), requestId, result, value);
    }
}
