// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.guest;

import io.faultline.model.AsyncPf;
import io.faultline.model.ControlWord;
import java.util.function.LongSupplier;

/**
 * Brings asynchronous faults up on one vCPU, as {@code kvm_async_pf_guest_init} does: asks the host what it offers, takes
 * the event, unmasks, and only then enables. One call at a time; the host's answer to it makes the next. Owned by its
 * vCPU.
 */
final class GuestBoot {
    private enum Step {
        OFF,
        DISABLE,
        VERSION,
        SLOTS,
        SDEI,
        IRQ,
        ATTACH,
        REGISTER,
        ENABLE_EVENT,
        UNMASK,
        ENABLE,
        ON,
        FAILED
    }

    private static final long VERSION_BITS = 0xFF_FFFF;
    private static final int VERSION_MAJOR_SHIFT = 16;
    /** Where the kernel's text has its SDEI entry; any address but 0 will do for a host. */
    private static final long HANDLER_ENTRY = 0xFFFF_8000_0801_0800L;

    private final int vcpuId;
    private final long areaIpa;
    private final GuestHost host;
    private final LongSupplier callIds;
    private Step step = Step.OFF;
    private long event;
    private long interrupt;
    private long callId;
    /** More than one when a boot was given up while the host still had its hypercall: the last answer is this boot's. */
    private int hypercallsInFlight;

    private boolean mayBeEnabled;
    private String failure = "";

    GuestBoot(int vcpuId, long areaIpa, GuestHost host, LongSupplier callIds) {
        this.vcpuId = vcpuId;
        this.areaIpa = areaIpa;
        this.host = host;
        this.callIds = callIds;
    }

    void begin() {
        failure = "";
        if (mayBeEnabled) {
            // To enable with the word that is in force already would be refused, and would wake nobody.
            hypercall(Step.DISABLE, AsyncPfFunction.ENABLE, ControlWord.DISABLED);
        } else {
            hypercall(Step.VERSION, AsyncPfFunction.VERSION, 0);
        }
    }

    boolean isOn() {
        return step == Step.ON;
    }

    /** Whether nothing more is to be waited for: asynchronous faults are on, off, or cannot be had. */
    boolean isSettled() {
        return step == Step.ON || step == Step.OFF || step == Step.FAILED;
    }

    /** The connection to the host's notifications is gone. */
    void detached() {
        if (step == Step.ON) {
            step = Step.OFF;
        } else if (!isSettled()) {
            step = Step.FAILED;
            failure = "the connection to the host's notifications ended";
        }
    }

    /** Why asynchronous faults cannot be had; empty while they can. */
    String failure() {
        return failure;
    }

    long event() {
        return event;
    }

    long interrupt() {
        return interrupt;
    }

    void hypercallReturned(long result) {
        hypercallsInFlight--;
        if (hypercallsInFlight > 0) {
            return;
        }
        switch (step) {
            // Whatever the answer is: that it is off already, or that the host cannot be reached, which the next one
            // says.
            case DISABLE -> hypercall(Step.VERSION, AsyncPfFunction.VERSION, 0);
            case VERSION -> {
                if (result < 0 || (result & ~VERSION_BITS) != 0 || result >> VERSION_MAJOR_SHIFT < 1) {
                    fail("VERSION", result);
                } else {
                    hypercall(Step.SLOTS, AsyncPfFunction.SLOTS, 0);
                }
            }
            case SLOTS -> {
                if (result < 1 || result * 2 > SleeperTable.CAPACITY) {
                    fail("SLOTS", result);
                } else {
                    hypercall(Step.SDEI, AsyncPfFunction.SDEI, 0);
                }
            }
            case SDEI -> {
                event = result;
                if (result <= 0) {
                    fail("SDEI", result);
                } else {
                    hypercall(Step.IRQ, AsyncPfFunction.IRQ, 0);
                }
            }
            case IRQ -> {
                interrupt = result;
                if (result < AsyncPf.PPI_MIN || result > AsyncPf.PPI_MAX) {
                    fail("IRQ", result);
                } else {
                    step = Step.ATTACH;
                    host.attach(vcpuId, callIds.getAsLong());
                }
            }
            case ENABLE -> {
                if (result == 0) {
                    step = Step.ON;
                } else {
                    fail("ENABLE", result);
                }
            }
            case OFF, ATTACH, REGISTER, ENABLE_EVENT, UNMASK, ON, FAILED -> {}
        }
    }

    void attached() {
        if (step == Step.ATTACH) {
            call(Step.REGISTER, SdeiFunction.EVENT_REGISTER, event, HANDLER_ENTRY, vcpuId, 0, 0);
        }
    }

    void result(long answeredCallId, long result) {
        if (answeredCallId != callId) {
            return;
        }
        switch (step) {
            case REGISTER ->
                afterCall("EVENT_REGISTER", result, () -> call(Step.ENABLE_EVENT, SdeiFunction.EVENT_ENABLE, event));
            case ENABLE_EVENT -> afterCall("EVENT_ENABLE", result, () -> call(Step.UNMASK, SdeiFunction.PE_UNMASK));
            case UNMASK ->
                afterCall("PE_UNMASK", result, () -> {
                    mayBeEnabled = true;
                    hypercall(Step.ENABLE, AsyncPfFunction.ENABLE, areaIpa | ControlWord.ENABLED);
                });
            case OFF, DISABLE, VERSION, SLOTS, SDEI, IRQ, ATTACH, ENABLE, ON, FAILED -> {}
        }
    }

    private void afterCall(String name, long result, Runnable next) {
        if (result < 0) {
            fail(name, result);
        } else {
            next.run();
        }
    }

    private void hypercall(Step nextStep, int function, long argument) {
        step = nextStep;
        hypercallsInFlight++;
        host.hypercall(vcpuId, function, argument);
    }

    private void call(Step nextStep, int function, long... arguments) {
        step = nextStep;
        callId = callIds.getAsLong();
        host.sdeiCall(vcpuId, callId, function, arguments);
    }

    private void fail(String what, long result) {
        step = Step.FAILED;
        failure = what + " returned " + result;
    }
}
