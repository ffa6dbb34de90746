// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.AsyncPf;
import io.faultline.proto.notifier.v1.AreaWords;
import io.faultline.proto.notifier.v1.GuestBatch;
import io.faultline.proto.notifier.v1.GuestCall;
import io.faultline.proto.notifier.v1.GuestCallKind;
import io.faultline.proto.notifier.v1.GuestServiceGrpc;
import io.faultline.proto.notifier.v1.HostBatch;
import io.faultline.proto.notifier.v1.HostEvent;
import io.faultline.proto.notifier.v1.HostEventKind;
import io.faultline.proto.vcpu.v1.Access;
import io.faultline.proto.vcpu.v1.Fault;
import io.faultline.proto.vcpu.v1.FaultBatch;
import io.faultline.proto.vcpu.v1.FaultServiceGrpc;
import io.faultline.proto.vcpu.v1.Outcome;
import io.faultline.proto.vcpu.v1.OutcomeBatch;
import io.faultline.proto.vcpu.v1.OutcomeKind;
import io.faultline.proto.vcpu.v1.Privilege;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * One vCPU's guest on one host: faults when told to; handles "page not present" and "page ready" at once, as a well-behaved
 * kernel does. Calls by the test's thread, events on gRPC's.
 */
final class WireGuest {
    private static final int EVENT_REGISTER = 0xC400_0021;
    private static final int EVENT_ENABLE = 0xC400_0022;
    private static final int EVENT_COMPLETE_AND_RESUME = 0xC400_0026;
    private static final int EVENT_STATUS = 0xC400_0028;
    private static final int PE_UNMASK = 0xC400_002C;
    private static final long HANDLER = 0xFFFF_8000_0000_1000L;

    private final Map<Long, List<Outcome>> outcomes = new ConcurrentHashMap<>();
    private final Map<Long, Long> results = new ConcurrentHashMap<>();
    private final List<Integer> parked = new CopyOnWriteArrayList<>();
    private final List<Integer> woken = new CopyOnWriteArrayList<>();
    private final StreamObserver<FaultBatch> faults;
    private final StreamObserver<GuestBatch> calls;
    private long lastNumber;

    /** A guest that attaches to its vCPU. */
    WireGuest(WireHost host) {
        this(host.faults(), host.guests());
    }

    /** A guest that attaches to its vCPU over these. */
    WireGuest(FaultServiceGrpc.FaultServiceStub faultService, GuestServiceGrpc.GuestServiceStub guestService) {
        faults = faultService.raise(new Down<OutcomeBatch>() {
            @Override
            public void onNext(OutcomeBatch batch) {
                batch.getOutcomesList()
                        .forEach(outcome -> outcomes.computeIfAbsent(
                                        outcome.getSequence(), sequence -> new CopyOnWriteArrayList<>())
                                .add(outcome));
            }
        });
        calls = guestService.attach(new Down<HostBatch>() {
            @Override
            public void onNext(HostBatch batch) {
                batch.getEventsList().forEach(WireGuest.this::handle);
            }
        });
        say(call(GuestCallKind.GUEST_CALL_KIND_ATTACH).setVmId(WireHost.VM));
    }

    /** Registers and enables the handler and unmasks. */
    void bootUp() {
        assertThat(sdei(EVENT_REGISTER, AsyncPf.DEFAULT_SDEI_EVENT, HANDLER)).isZero();
        assertThat(sdei(EVENT_ENABLE, AsyncPf.DEFAULT_SDEI_EVENT)).isZero();
        assertThat(sdei(PE_UNMASK)).isZero();
    }

    /** EVENT_STATUS of the event that says "page not present". */
    long status() {
        return sdei(EVENT_STATUS, AsyncPf.DEFAULT_SDEI_EVENT);
    }

    /** A task touches the first eight bytes of a page; the fault's number. */
    long touch(int page) {
        long number = ++lastNumber;
        faults.onNext(FaultBatch.newBuilder()
                .addFaults(Fault.newBuilder()
                        .setSequence(number)
                        .setVmId(WireHost.VM)
                        .setVcpuId(WireHost.VCPU)
                        .setIpa((WireHost.BASE_GFN + page) * WireHost.PAGE)
                        .setAccess(Access.ACCESS_READ)
                        .setPrivilege(Privilege.PRIVILEGE_USER)
                        .setLoadBytes(8))
                .build());
        return number;
    }

    /** A fault's outcomes so far. */
    List<Outcome> outcomes(long fault) {
        return outcomes.getOrDefault(fault, List.of());
    }

    /** A fault's terminal outcome. */
    Outcome end(long fault) {
        WireHost.await(() -> outcomes(fault).stream().anyMatch(WireGuest::isTerminal));
        return outcomes(fault).getLast();
    }

    /** Forgets a fault that has ended. */
    void forget(long fault) {
        outcomes.remove(fault);
    }

    /** The tokens that its handler put tasks aside for, in order. */
    List<Integer> parked() {
        return List.copyOf(parked);
    }

    /** The tokens that it heard "page ready" for, in order. */
    List<Integer> woken() {
        return List.copyOf(woken);
    }

    static boolean isTerminal(Outcome outcome) {
        return outcome.getKind() != OutcomeKind.OUTCOME_KIND_ASYNC;
    }

    private void handle(HostEvent event) {
        if (event.getKind() == HostEventKind.HOST_EVENT_KIND_RESULT) {
            results.put(event.getCallId(), event.getResult());
        } else if (event.getKind() == HostEventKind.HOST_EVENT_KIND_SDEI_EVENT) {
            parked.add(event.getToken());
            say(clear(), sdeiCall(0, EVENT_COMPLETE_AND_RESUME, HANDLER + 0x480));
        } else if (event.getKind() == HostEventKind.HOST_EVENT_KIND_INTERRUPT) {
            woken.add(event.getToken());
            say(clear(), call(GuestCallKind.GUEST_CALL_KIND_ACKNOWLEDGE));
        }
    }

    private long sdei(int function, long... arguments) {
        long id = ++lastNumber;
        say(sdeiCall(id, function, arguments));
        WireHost.await(() -> results.containsKey(id));
        return Objects.requireNonNull(results.get(id));
    }

    private static GuestCall.Builder sdeiCall(long id, int function, long... arguments) {
        GuestCall.Builder call =
                call(GuestCallKind.GUEST_CALL_KIND_SDEI_CALL).setCallId(id).setFunction(function);
        for (long argument : arguments) {
            call.addArguments(argument);
        }
        return call;
    }

    private static GuestCall.Builder clear() {
        return call(GuestCallKind.GUEST_CALL_KIND_CLEAR_AREA).setWords(AreaWords.AREA_WORDS_BOTH);
    }

    private static GuestCall.Builder call(GuestCallKind kind) {
        return GuestCall.newBuilder().setKind(kind).setVcpuId(WireHost.VCPU);
    }

    /** The test's thread and gRPC's both speak. */
    private synchronized void say(GuestCall.Builder... said) {
        GuestBatch.Builder batch = GuestBatch.newBuilder();
        for (GuestCall.Builder call : said) {
            batch.addCalls(call);
        }
        calls.onNext(batch.build());
    }

    /** What comes down a stream; how it ends is the host's to say, by ending what waits. */
    private abstract static class Down<T> implements StreamObserver<T> {
        @Override
        public void onError(Throwable error) {}

        @Override
        public void onCompleted() {}
    }
}
