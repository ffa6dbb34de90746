// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers.faults;

import io.faultline.loadtest.guest.SdeiFunction;
import io.faultline.proto.notifier.v1.AreaWords;
import io.faultline.proto.notifier.v1.GuestCall;
import io.faultline.proto.notifier.v1.GuestCallKind;

/** The calls of one vCPU, made once: a vCPU says the same things over and over. Immutable. */
final class GuestCalls {
    /** The numbers of the calls whose return is waited for. */
    static final long ATTACH_ID = 1;

    static final long REGISTER_ID = 2;
    static final long ENABLE_ID = 3;
    static final long UNMASK_ID = 4;
    static final long ACKNOWLEDGE_ID = 5;
    static final long WAKE_ALL_ID = 6;

    private static final long HANDLER_ENTRY = 0xFFFF_8000_0801_0800L;
    private static final long RESUME_ADDRESS = 0xFFFF_8000_0801_1480L;

    final GuestCall clear;
    final GuestCall resume;
    final GuestCall acknowledge;
    final GuestCall acknowledgeWakeAll;
    private final int vcpu;

    GuestCalls(int vcpu) {
        this.vcpu = vcpu;
        clear = call(GuestCallKind.GUEST_CALL_KIND_CLEAR_AREA, 0)
                .setWords(AreaWords.AREA_WORDS_BOTH)
                .build();
        resume = sdei(0, SdeiFunction.EVENT_COMPLETE_AND_RESUME, RESUME_ADDRESS);
        acknowledge =
                call(GuestCallKind.GUEST_CALL_KIND_ACKNOWLEDGE, ACKNOWLEDGE_ID).build();
        acknowledgeWakeAll =
                call(GuestCallKind.GUEST_CALL_KIND_ACKNOWLEDGE, WAKE_ALL_ID).build();
    }

    GuestCall attach(long vmId) {
        return call(GuestCallKind.GUEST_CALL_KIND_ATTACH, ATTACH_ID)
                .setVmId(vmId)
                .build();
    }

    GuestCall register(long event) {
        return sdei(REGISTER_ID, SdeiFunction.EVENT_REGISTER, event, HANDLER_ENTRY, vcpu, 0, 0);
    }

    GuestCall enable(long event) {
        return sdei(ENABLE_ID, SdeiFunction.EVENT_ENABLE, event);
    }

    GuestCall unmask() {
        return sdei(UNMASK_ID, SdeiFunction.PE_UNMASK);
    }

    private GuestCall sdei(long callId, int function, long... arguments) {
        GuestCall.Builder call =
                call(GuestCallKind.GUEST_CALL_KIND_SDEI_CALL, callId).setFunction(function);
        for (long argument : arguments) {
            call.addArguments(argument);
        }
        return call.build();
    }

    private GuestCall.Builder call(GuestCallKind kind, long callId) {
        return GuestCall.newBuilder().setKind(kind).setVcpuId(vcpu).setCallId(callId);
    }
}
