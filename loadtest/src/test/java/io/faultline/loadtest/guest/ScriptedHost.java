// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.guest;

import io.faultline.model.AsyncPf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A host that notes what the guest does, for tests that answer by hand. */
final class ScriptedHost implements GuestHost {
    private final List<String> log = new ArrayList<>();
    private long lastCallId;
    private long lastSequence;
    private boolean isDisabling;

    /** What happened since the last call of this. */
    List<String> takeLog() {
        List<String> taken = List.copyOf(log);
        log.clear();
        return taken;
    }

    long lastCallId() {
        return lastCallId;
    }

    long lastSequence() {
        return lastSequence;
    }

    @Override
    public void raise(int vcpuId, long sequence, int access, boolean retry) {
        lastSequence = sequence;
        log.add((retry ? "retry " : "raise ") + access + " on " + vcpuId);
    }

    @Override
    public void attach(int vcpuId, long callId) {
        lastCallId = callId;
        log.add("attach " + vcpuId);
    }

    @Override
    public void sdeiCall(int vcpuId, long callId, int function, long... arguments) {
        lastCallId = callId;
        String name = switch (function) {
            case SdeiFunction.EVENT_REGISTER -> "register";
            case SdeiFunction.EVENT_ENABLE -> "enable event";
            case SdeiFunction.PE_UNMASK -> "unmask";
            case SdeiFunction.EVENT_COMPLETE -> "complete " + arguments[0];
            case SdeiFunction.EVENT_COMPLETE_AND_RESUME -> "complete and resume";
            default -> "unknown call " + Integer.toHexString(function) + Arrays.toString(arguments);
        };
        log.add(name);
    }

    @Override
    public void clearArea(int vcpuId) {
        log.add("clear");
    }

    @Override
    public void acknowledge(int vcpuId, long callId) {
        lastCallId = callId;
        log.add("acknowledge");
    }

    @Override
    public void hypercall(int vcpuId, int function, long argument) {
        isDisabling = function == AsyncPfFunction.ENABLE && argument == 0;
        log.add("hypercall " + function + (argument == 0 ? "" : " 0x" + Long.toHexString(argument)));
    }

    /** Answers everything that a vCPU asks while it boots. */
    void answerBoot(GuestKernel kernel, int vcpuId) {
        if (isDisabling) {
            kernel.hypercallReturned(vcpuId, -2);
        }
        kernel.hypercallReturned(vcpuId, AsyncPf.VERSION);
        kernel.hypercallReturned(vcpuId, AsyncPf.WORKS_PER_VCPU);
        kernel.hypercallReturned(vcpuId, AsyncPf.DEFAULT_SDEI_EVENT);
        kernel.hypercallReturned(vcpuId, AsyncPf.DEFAULT_INTERRUPT);
        kernel.attached(vcpuId);
        for (int call = 0; call < 3; call++) {
            kernel.result(vcpuId, lastCallId, 0);
        }
        kernel.hypercallReturned(vcpuId, 0);
    }
}
