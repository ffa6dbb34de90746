// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app.grpc;

import io.faultline.model.AsyncPf;
import io.faultline.proto.notifier.v1.AreaWords;
import io.faultline.proto.notifier.v1.GuestBatch;
import io.faultline.proto.notifier.v1.GuestCall;
import io.faultline.proto.notifier.v1.GuestCallKind;
import io.faultline.proto.notifier.v1.HostEvent;
import io.faultline.proto.notifier.v1.NotifyBatch;
import io.faultline.proto.notifier.v1.NotifyCommand;
import io.faultline.proto.notifier.v1.NotifyKind;
import io.faultline.proto.notifier.v1.Verdict;
import io.faultline.proto.notifier.v1.VerdictKind;
import java.util.Arrays;
import java.util.List;

/** Messages as tests write and read them. */
public final class Messages {
    /** The tests' VM. */
    public static final long VM = 7;
    /** SDEI_EVENT_REGISTER. */
    public static final int EVENT_REGISTER = 0xC400_0021;
    /** SDEI_EVENT_ENABLE. */
    public static final int EVENT_ENABLE = 0xC400_0022;
    /** SDEI_EVENT_COMPLETE_AND_RESUME. */
    public static final int EVENT_COMPLETE_AND_RESUME = 0xC400_0026;
    /** SDEI_PE_UNMASK. */
    public static final int PE_UNMASK = 0xC400_002C;
    /** Where {@link #comeUp} has its handler. */
    public static final long HANDLER = 0x1000;
    /** The argument of that handler. */
    public static final long HANDLER_ARGUMENT = 0xA5;

    private static final long CONTROL = 0x8000_0041L;

    private Messages() {}

    /** A batch of commands. */
    public static NotifyBatch commands(NotifyCommand.Builder... commands) {
        NotifyBatch.Builder batch = NotifyBatch.newBuilder();
        Arrays.stream(commands).forEach(batch::addCommands);
        return batch.build();
    }

    /** A command on a vCPU. */
    public static NotifyCommand.Builder command(NotifyKind kind, int vcpuId, long epoch) {
        return NotifyCommand.newBuilder()
                .setKind(kind)
                .setVmId(VM)
                .setVcpuId(vcpuId)
                .setEpoch(epoch)
                .setSdeiEvent(AsyncPf.DEFAULT_SDEI_EVENT)
                .setPageReadyInterrupt(AsyncPf.DEFAULT_INTERRUPT)
                .setControl(CONTROL);
    }

    /** A command about a token. */
    public static NotifyCommand.Builder command(NotifyKind kind, int vcpuId, long epoch, int token) {
        return command(kind, vcpuId, epoch).setToken(token);
    }

    /** A batch of calls. */
    public static GuestBatch calls(GuestCall.Builder... calls) {
        GuestBatch.Builder batch = GuestBatch.newBuilder();
        Arrays.stream(calls).forEach(batch::addCalls);
        return batch.build();
    }

    /** A call that wants a result. */
    public static GuestCall.Builder call(GuestCallKind kind, int vcpuId) {
        return GuestCall.newBuilder().setKind(kind).setVcpuId(vcpuId).setCallId(kind.getNumber());
    }

    /** ATTACH to a vCPU. */
    public static GuestCall.Builder attach(int vcpuId) {
        return call(GuestCallKind.GUEST_CALL_KIND_ATTACH, vcpuId).setVmId(VM);
    }

    /** An SDEI call. */
    public static GuestCall.Builder sdei(int vcpuId, int function, long... arguments) {
        GuestCall.Builder call =
                call(GuestCallKind.GUEST_CALL_KIND_SDEI_CALL, vcpuId).setFunction(function);
        Arrays.stream(arguments).forEach(call::addArguments);
        return call;
    }

    /** CLEAR_AREA, both words. */
    public static GuestCall.Builder clear(int vcpuId) {
        return call(GuestCallKind.GUEST_CALL_KIND_CLEAR_AREA, vcpuId).setWords(AreaWords.AREA_WORDS_BOTH);
    }

    /** ACKNOWLEDGE. */
    public static GuestCall.Builder acknowledge(int vcpuId) {
        return call(GuestCallKind.GUEST_CALL_KIND_ACKNOWLEDGE, vcpuId);
    }

    /** What a guest does to be told of absent pages: attach, register, enable, unmask. */
    public static GuestBatch comeUp(int vcpuId) {
        return calls(
                attach(vcpuId),
                sdei(vcpuId, EVENT_REGISTER, AsyncPf.DEFAULT_SDEI_EVENT, HANDLER, HANDLER_ARGUMENT, 0),
                sdei(vcpuId, EVENT_ENABLE, AsyncPf.DEFAULT_SDEI_EVENT),
                sdei(vcpuId, PE_UNMASK));
    }

    /** Verdicts as text: {@code ACCEPTED 0x1000}, {@code REFUSED 0x1000 AREA_BUSY}. */
    public static List<String> verdicts(List<Verdict> verdicts) {
        return verdicts.stream().map(Messages::text).toList();
    }

    /** Host events as text: {@code INTERRUPT {2,0x1000}}, {@code RESULT 0}. */
    public static List<String> events(List<HostEvent> events) {
        return events.stream().map(Messages::text).toList();
    }

    private static String text(Verdict verdict) {
        String text = name(verdict.getKind(), "VERDICT_KIND_");
        if (verdict.getToken() != 0) {
            text += " 0x" + Integer.toHexString(verdict.getToken());
        }
        if (verdict.getKind() == VerdictKind.VERDICT_KIND_REFUSED) {
            text += " " + name(verdict.getRefusal(), "REFUSAL_");
        }
        return text;
    }

    private static String text(HostEvent event) {
        String text = name(event.getKind(), "HOST_EVENT_KIND_");
        return switch (event.getKind()) {
            case HOST_EVENT_KIND_RESULT -> text + " " + event.getResult();
            case HOST_EVENT_KIND_SDEI_EVENT, HOST_EVENT_KIND_INTERRUPT ->
                text + " {" + event.getReasonValue() + ",0x" + Integer.toHexString(event.getToken()) + "}";
            case HOST_EVENT_KIND_DETACHED -> text + ": " + event.getDetail();
            default -> text;
        };
    }

    private static String name(Enum<?> constant, String prefix) {
        return constant.name().substring(prefix.length());
    }
}
