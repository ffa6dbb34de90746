// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance.driver;

import io.faultline.model.AsyncPf;
import io.faultline.model.Token;
import io.faultline.proto.notifier.v1.AreaWords;
import io.faultline.proto.notifier.v1.CpuContext;
import io.faultline.proto.notifier.v1.GuestBatch;
import io.faultline.proto.notifier.v1.GuestCall;
import io.faultline.proto.notifier.v1.GuestCallKind;
import io.faultline.proto.notifier.v1.GuestServiceGrpc;
import io.faultline.proto.notifier.v1.HostBatch;
import io.faultline.proto.notifier.v1.HostEvent;
import io.faultline.proto.notifier.v1.HostEventKind;
import io.faultline.proto.notifier.v1.Reason;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One vCPU's guest kernel, which does what its case says and nothing by itself. Every call waits for its answer, so what the
 * case says is also the order in which it happens. Used by the case's thread.
 */
public final class Guest {
    /** The event that says "page not present". */
    public static final int EVENT = AsyncPf.DEFAULT_SDEI_EVENT;
    /** Where its handler is; any address but 0 will do for a host. */
    public static final long ENTRY = 0xFFFF_8000_0801_0800L;
    /** The vector of an interrupt from user mode, where a handler of Linux goes on. */
    public static final long RESUME = 0xFFFF_8000_0801_0480L;

    private static final long ATTACH_AGAIN_NS = 5_000_000;
    private static final long HANDLED = 0;
    private static final long FAILED = 1;

    private final Deployment deployment;
    private final Conversation conversation;
    private final long vmId;
    private final int vcpuId;
    /** Guarded by the conversation, as is the next. */
    private final Deque<HostEvent> events = new ArrayDeque<>();

    private final Map<Long, HostEvent> answers = new HashMap<>();
    private Talk<HostBatch> talk;
    private StreamObserver<GuestBatch> calls;
    private long lastCall;
    private @Nullable CpuContext registers;

    private Guest(Deployment deployment, long vmId, int vcpuId) {
        this.deployment = deployment;
        this.conversation = deployment.conversation();
        this.vmId = vmId;
        this.vcpuId = vcpuId;
        talk = new Talk<>(conversation, "Attach", this::hear);
        calls = open(talk);
    }

    /** A guest that has attached. A host may hear of a vCPU a little after its VM was registered. */
    static Guest attach(Deployment deployment, long vmId, int vcpuId) {
        Guest guest = new Guest(deployment, vmId, vcpuId);
        deployment.began(guest::leave);
        while (!guest.attaches()) {
            LockSupport.parkNanos(ATTACH_AGAIN_NS);
            guest.talk = new Talk<>(guest.conversation, "Attach", guest::hear);
            guest.calls = guest.open(guest.talk);
        }
        return guest;
    }

    private StreamObserver<GuestBatch> open(Talk<HostBatch> listening) {
        return GuestServiceGrpc.newStub(deployment.endpoints().notifier()).attach(listening);
    }

    /** It comes up, or up again: its PE is masked and nothing is registered. False if there is no such vCPU yet. */
    public boolean attaches() {
        long id = ++lastCall;
        say(call(GuestCallKind.GUEST_CALL_KIND_ATTACH, id).setVmId(vmId), "ATTACH");
        return conversation.await("ATTACHED", () -> {
            Status end = talk.end();
            if (end != null && end.getCode() == Status.Code.NOT_FOUND) {
                return false;
            }
            talk.requireOpen("ATTACHED");
            return answers.remove(id) == null ? null : true;
        });
    }

    /** It registers and enables its handler of "page not present", and unmasks. */
    public Guest boots() {
        Check.equal("EVENT_REGISTER", SdeiCall.SUCCESS, sdei(SdeiCall.EVENT_REGISTER, EVENT, ENTRY, vcpuId, 0, 0));
        Check.equal("EVENT_ENABLE", SdeiCall.SUCCESS, sdei(SdeiCall.EVENT_ENABLE, EVENT));
        Check.equal("PE_UNMASK", SdeiCall.SUCCESS, sdei(SdeiCall.PE_UNMASK));
        return this;
    }

    /** From now on its calls bring these registers along, and the host keeps them. */
    public void keepsRegisters(CpuContext context) {
        registers = context;
    }

    /** The answer to an SDEI call that returns. */
    public long sdei(SdeiCall function, long... arguments) {
        HostEvent answer = call(function, arguments);
        Check.equal(function + "'s answer", HostEventKind.HOST_EVENT_KIND_RESULT, answer.getKind());
        return answer.getResult();
    }

    /** Its handler returns to what it interrupted. */
    public HostEvent completes() {
        return resumed(SdeiCall.EVENT_COMPLETE, HANDLED);
    }

    /** Its handler says that it could not do its work. */
    public HostEvent refuses() {
        return resumed(SdeiCall.EVENT_COMPLETE, FAILED);
    }

    /** Its handler goes on as if an interrupt had come. */
    public HostEvent resumes() {
        return resumed(SdeiCall.EVENT_COMPLETE_AND_RESUME, RESUME);
    }

    private HostEvent resumed(SdeiCall function, long argument) {
        HostEvent answer = call(function, argument);
        Check.equal(function + "'s answer", HostEventKind.HOST_EVENT_KIND_RESUMED, answer.getKind());
        return answer;
    }

    /** What an SDEI call answers, whether it returns or resumes. */
    public HostEvent call(SdeiCall function, long... arguments) {
        long id = ++lastCall;
        GuestCall.Builder call =
                call(GuestCallKind.GUEST_CALL_KIND_SDEI_CALL, id).setFunction(function.function());
        StringJoiner words = new StringJoiner(", ", function + "(", ")");
        for (long argument : arguments) {
            call.addArguments(argument);
            words.add("0x" + Long.toHexString(argument));
        }
        if (registers != null) {
            call.setContext(registers);
        }
        say(call, words.toString());
        return answerTo(id, function.toString());
    }

    /** It clears both words of its shared area. */
    public void clears() {
        clears(AreaWords.AREA_WORDS_BOTH);
    }

    /** It clears some of its shared area. */
    public void clears(AreaWords words) {
        long id = ++lastCall;
        say(call(GuestCallKind.GUEST_CALL_KIND_CLEAR_AREA, id).setWords(words), "clears " + words);
        Check.equal("CLEAR_AREA", SdeiCall.SUCCESS, answerTo(id, "CLEAR_AREA").getResult());
    }

    /** It acknowledges the page-ready interrupt: what the hypercall returned. */
    public long acknowledges() {
        long id = ++lastCall;
        say(call(GuestCallKind.GUEST_CALL_KIND_ACKNOWLEDGE, id), "IRQ_ACK");
        return answerTo(id, "IRQ_ACK").getResult();
    }

    /** The next it is told is "page not present": an event with the area {1, token}. The token. */
    public int isTold() {
        HostEvent event = next("page not present, by an SDEI event");
        Check.equal("what is told", HostEventKind.HOST_EVENT_KIND_SDEI_EVENT, event.getKind());
        Check.equal("the SDEI event", Integer.toHexString(EVENT), Integer.toHexString(event.getEvent()));
        Check.equal("the area's reason", Reason.REASON_PAGE_NOT_PRESENT, event.getReason());
        Check.equal("the handler", ENTRY, event.getEntry());
        return event.getToken();
    }

    /** The next it is told is "page not present" for this token. */
    public void isTold(int token) {
        Check.token("the token in the area", token, isTold());
    }

    /** The next it hears is "page ready": an interrupt with the area {2, token}. The token. */
    public int hearsReady() {
        HostEvent event = next("page ready, by an interrupt");
        Check.equal("what is told", HostEventKind.HOST_EVENT_KIND_INTERRUPT, event.getKind());
        Check.equal("the area's reason", Reason.REASON_PAGE_READY, event.getReason());
        Check.equal("the interrupt", AsyncPf.DEFAULT_INTERRUPT, event.getInterrupt());
        return event.getToken();
    }

    /** The next it hears is "page ready" for this token. */
    public void hearsReady(int token) {
        Check.token("the token in the area", token, hearsReady());
    }

    /** The next it hears is "page ready" for every parked task, which it wakes. */
    public void hearsWakeAll() {
        hearsReady(Token.WAKE_ALL);
        wakes();
    }

    /** It parks the task: clears the area, then leaves the handler as if an interrupt had come. */
    public void parks() {
        clears();
        resumes();
    }

    /** It has woken the task: clears the area, then acknowledges. */
    public void wakes() {
        clears();
        Check.equal("IRQ_ACK", 0, acknowledges());
    }

    /** It is in the handler of an event, with the argument that it registered. */
    public HostEvent isDispatched(int number) {
        HostEvent event = next("SDEI event 0x" + Integer.toHexString(number));
        Check.equal("what is told", HostEventKind.HOST_EVENT_KIND_SDEI_EVENT, event.getKind());
        Check.equal("the SDEI event", Integer.toHexString(number), Integer.toHexString(event.getEvent()));
        return event;
    }

    /** What it was told until now is of no more interest. */
    public void forgets() {
        fence();
        conversation.now(() -> {
            events.clear();
            return events;
        });
    }

    /** It handles what it is told of a token, if anything, until the wake-all that ends the matter. */
    public void handlesUntilWakeAll(int token) {
        int heard = token;
        while (heard != Token.WAKE_ALL) {
            if (conversation.await("an event of " + Token.format(token) + ", or wake-all", this::isBeingToldSoon)) {
                isTold(token);
                parks();
            } else {
                heard = hearsReady();
                Check.that(
                        "page-ready for " + Token.format(token) + " or wake-all",
                        heard == token || heard == Token.WAKE_ALL,
                        Token.format(heard));
                wakes();
            }
        }
    }

    private @Nullable Boolean isBeingToldSoon() {
        talk.requireOpen("wake-all");
        return events.isEmpty() ? null : isBeingTold();
    }

    /** Whatever the host had to tell until now has been told: nothing. */
    public void hearsNothing() {
        fence();
        List<HostEvent> news = conversation.now(() -> List.copyOf(events));
        if (!news.isEmpty()) {
            throw new Violation("nothing told to vCPU " + vcpuId, describe(news.getFirst()));
        }
    }

    /** Waits for the host's news that this vCPU is attached no more. */
    public void isDetached() {
        Check.equal(
                "what is told",
                HostEventKind.HOST_EVENT_KIND_DETACHED,
                next("DETACHED").getKind());
    }

    /** The next event of the host that is no answer. */
    public HostEvent next(String what) {
        return conversation.await(what, () -> {
            HostEvent event = events.poll();
            if (event == null) {
                talk.requireOpen(what);
            }
            return event;
        });
    }

    /** Whether the next it is told is an SDEI event. With the conversation's lock held. */
    boolean isBeingTold() {
        HostEvent event = events.peek();
        return event != null && event.getKind() == HostEventKind.HOST_EVENT_KIND_SDEI_EVENT;
    }

    /** Whether anything was told that was not looked at yet. */
    boolean hasNews() {
        return conversation.now(() -> !events.isEmpty());
    }

    /** As {@link #hasNews}, including all that the host has sent until now. */
    boolean hasNewsByNow() {
        fence();
        return hasNews();
    }

    /** A call that answers at once: what the host sent before has come when it returns. */
    private void fence() {
        long major = sdei(SdeiCall.VERSION) >>> 48;
        Check.equal("SDEI's major version", 1, major);
    }

    /** Goes away in good order. */
    private void leave() {
        if (conversation.now(() -> talk.end() == null)) {
            calls.onCompleted();
        }
    }

    private HostEvent answerTo(long id, String what) {
        return conversation.await("an answer to " + what, () -> {
            HostEvent answer = answers.remove(id);
            if (answer == null) {
                talk.requireOpen("an answer to " + what);
            }
            return answer;
        });
    }

    private GuestCall.Builder call(GuestCallKind kind, long id) {
        return GuestCall.newBuilder().setKind(kind).setVcpuId(vcpuId).setCallId(id);
    }

    private void say(GuestCall.Builder call, String words) {
        conversation.said("guest, vCPU " + vcpuId + ": " + words);
        calls.onNext(GuestBatch.newBuilder().addCalls(call).build());
    }

    private void hear(HostBatch batch) {
        for (HostEvent event : batch.getEventsList()) {
            conversation.heard("  host, vCPU " + event.getVcpuId() + ": " + describe(event), () -> keep(event));
        }
    }

    private void keep(HostEvent event) {
        switch (event.getKind()) {
            case HOST_EVENT_KIND_ATTACHED, HOST_EVENT_KIND_RESULT -> answers.put(event.getCallId(), event);
            case HOST_EVENT_KIND_RESUMED -> {
                if (event.getCallId() != 0) {
                    answers.put(event.getCallId(), event);
                }
            }
            case HOST_EVENT_KIND_SDEI_EVENT, HOST_EVENT_KIND_INTERRUPT, HOST_EVENT_KIND_DETACHED -> events.add(event);
            case HOST_EVENT_KIND_UNSPECIFIED, UNRECOGNIZED ->
                conversation.broken("a HostEventKind of 1 to 6", Integer.toString(event.getKindValue()));
        }
    }

    private static String describe(HostEvent event) {
        String area = " {" + event.getReasonValue() + ", " + Token.format(event.getToken()) + "}";
        return switch (event.getKind()) {
            case HOST_EVENT_KIND_ATTACHED -> "ATTACHED";
            case HOST_EVENT_KIND_RESULT -> "returns " + event.getResult();
            case HOST_EVENT_KIND_RESUMED -> "RESUMED at 0x" + Long.toHexString(event.getEntry());
            case HOST_EVENT_KIND_SDEI_EVENT -> "SDEI event 0x" + Integer.toHexString(event.getEvent()) + area;
            case HOST_EVENT_KIND_INTERRUPT -> "interrupt " + event.getInterrupt() + area;
            case HOST_EVENT_KIND_DETACHED -> "DETACHED: " + event.getDetail();
            case HOST_EVENT_KIND_UNSPECIFIED, UNRECOGNIZED -> "event of kind " + event.getKindValue();
        };
    }
}
