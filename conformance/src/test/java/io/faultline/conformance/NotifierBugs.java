// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance;

import static io.faultline.conformance.FaultPlaneBugs.without;

import io.faultline.conformance.driver.Guest;
import io.faultline.model.Token;
import io.faultline.proto.notifier.v1.AreaWords;
import io.faultline.proto.notifier.v1.CpuContext;
import io.faultline.proto.notifier.v1.GuestCall;
import io.faultline.proto.notifier.v1.GuestCallKind;
import io.faultline.proto.notifier.v1.HostEvent;
import io.faultline.proto.notifier.v1.HostEventKind;
import io.faultline.proto.notifier.v1.NotifyCommand;
import io.faultline.proto.notifier.v1.NotifyKind;
import io.faultline.proto.notifier.v1.Reason;
import io.faultline.proto.notifier.v1.Refusal;
import io.faultline.proto.notifier.v1.Verdict;
import io.faultline.proto.notifier.v1.VerdictKind;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Bugs that look as if notifier-service had them. */
final class NotifierBugs {
    private static final int EVENT_COMPLETE = 0xC400_0025;
    private static final int PAGE_READY_INTERRUPT = 17;

    private NotifierBugs() {}

    static Stream<Bug> all() {
        return Stream.of(ofVerdicts(), ofEvents(), ofCalls(), ofSdei()).flatMap(bugs -> bugs);
    }

    private static Stream<Bug> ofVerdicts() {
        return Stream.of(
                Bug.of("a masked PE is told", taps -> accept(taps, Refusal.REFUSAL_PE_MASKED), "B6"),
                Bug.of("a busy area is written again", taps -> accept(taps, Refusal.REFUSAL_AREA_BUSY), "B8", "B9"),
                Bug.of("a running handler is interrupted", taps -> accept(taps, Refusal.REFUSAL_EVENT_RUNNING), "B5"),
                Bug.of("an event that is off is used", taps -> accept(taps, Refusal.REFUSAL_EVENT_DISABLED), "B7"),
                Bug.of(
                        "a page-ready that is not acknowledged is overwritten",
                        taps -> accept(taps, Refusal.REFUSAL_READY_UNACKNOWLEDGED),
                        "F6"),
                Bug.of("a 65th token is accepted", taps -> accept(taps, Refusal.REFUSAL_LIMIT), "B15"),
                Bug.of(
                        "what was told is taken back",
                        taps -> verdict(taps, VerdictKind.VERDICT_KIND_READY, VerdictKind.VERDICT_KIND_CANCELLED),
                        "D5",
                        "E2",
                        "E6"),
                Bug.of("a token taken back is told all the same", NotifierBugs::tellWhatIsCancelled, "E1", "E5"),
                Bug.of(
                        "a completion of an unknown token is taken for a repeated one",
                        taps -> verdict(taps, VerdictKind.VERDICT_KIND_UNKNOWN, VerdictKind.VERDICT_KIND_ALREADY),
                        "D3",
                        "K4"),
                Bug.of("a command of an old epoch has an effect", NotifierBugs::acceptOldEpochs, "G7", "K4"),
                Bug.of("completions change places", NotifierBugs::swapCompletions, "F2"));
    }

    private static Stream<Bug> ofEvents() {
        return Stream.of(
                Bug.of("a page-ready is lost", taps -> taps.events = without(NotifierBugs::isReady), "D1", "E2", "F2"),
                Bug.of("a page-ready is told twice", taps -> taps.events = twice(), "F3", "G1", "K4"),
                Bug.of(
                        "a page-not-present is told twice",
                        taps -> taps.events = (event, next) -> {
                            next.accept(event);
                            if (event.getReason() == Reason.REASON_PAGE_NOT_PRESENT) {
                                next.accept(event);
                            }
                        },
                        "D3",
                        "E2"),
                Bug.of("an event says the token of the one before", NotifierBugs::tellTheTokenBefore, "D1"),
                Bug.of(
                        "every page-ready wakes all",
                        taps -> taps.events = (event, next) -> next.accept(
                                isReady(event)
                                        ? event.toBuilder()
                                                .setToken(Token.WAKE_ALL)
                                                .build()
                                        : event),
                        "E2",
                        "F1"),
                Bug.of(
                        "page-ready says the reason 1",
                        taps -> taps.events = (event, next) -> next.accept(
                                event.getReason() == Reason.REASON_PAGE_READY
                                        ? event.toBuilder()
                                                .setReason(Reason.REASON_PAGE_NOT_PRESENT)
                                                .build()
                                        : event),
                        "G1"),
                Bug.of(
                        "page-ready comes by another interrupt",
                        taps -> taps.events = (event, next) -> next.accept(
                                event.getInterrupt() == 0
                                        ? event
                                        : event.toBuilder()
                                                .setInterrupt(PAGE_READY_INTERRUPT + 1)
                                                .build()),
                        "G1"),
                Bug.of(
                        "a guest is not told that its VM is gone",
                        taps -> taps.events =
                                without(event -> event.getKind() == HostEventKind.HOST_EVENT_KIND_DETACHED),
                        "G8"));
    }

    private static Stream<Bug> ofCalls() {
        return Stream.of(
                Bug.of(
                        "an acknowledgement is ignored",
                        taps -> taps.calls = (call, next) -> next.accept(
                                call.getKind() == GuestCallKind.GUEST_CALL_KIND_ACKNOWLEDGE
                                        ? call.toBuilder()
                                                .setKind(GuestCallKind.GUEST_CALL_KIND_CLEAR_AREA)
                                                .setWords(AreaWords.AREA_WORDS_BOTH)
                                                .build()
                                        : call),
                        "F3",
                        "F6"),
                Bug.of(
                        "clearing counts as acknowledging",
                        taps -> taps.calls = (call, next) -> {
                            next.accept(call);
                            if (call.getKind() == GuestCallKind.GUEST_CALL_KIND_CLEAR_AREA) {
                                next.accept(acknowledgement(call).toBuilder()
                                        .setCallId(0)
                                        .build());
                            }
                        },
                        "F3",
                        "F6"),
                Bug.of(
                        "a cleared area stays busy",
                        taps -> taps.calls = (call, next) -> next.accept(
                                call.getKind() == GuestCallKind.GUEST_CALL_KIND_CLEAR_AREA
                                        ? acknowledgement(call)
                                        : call),
                        "E2",
                        "E3"),
                Bug.of(
                        "one cleared word frees the area",
                        taps -> taps.calls = (call, next) -> next.accept(
                                call.getWords() == AreaWords.AREA_WORDS_REASON
                                        ? call.toBuilder()
                                                .setWords(AreaWords.AREA_WORDS_BOTH)
                                                .build()
                                        : call),
                        "B9"),
                Bug.of(
                        "a handler that failed keeps the area",
                        taps -> taps.calls = (call, next) -> next.accept(
                                call.getFunction() == EVENT_COMPLETE
                                        ? call.toBuilder()
                                                .clearArguments()
                                                .addArguments(0)
                                                .build()
                                        : call),
                        "D8",
                        "F12"));
    }

    private static Stream<Bug> ofSdei() {
        return Stream.of(
                Bug.of("DENIED reads INVALID_PARAMETERS", taps -> result(taps, -3, -2), "H1", "H2", "H10"),
                Bug.of("INVALID_PARAMETERS reads DENIED", taps -> result(taps, -2, -3), "H13", "H14", "H16"),
                Bug.of("unregistering a running handler is SUCCESS", taps -> result(taps, -5, 0), "H1", "H4"),
                Bug.of("masking never says that it changed something", taps -> result(taps, 1, 0), "H8"),
                Bug.of("STATUS 4 reads 0", taps -> result(taps, 4, 0), "H4", "H15"),
                Bug.of(
                        "a pending event is forgotten",
                        taps -> taps.events = without(NotifierBugs::isSignal),
                        "H5",
                        "H7",
                        "H19"),
                Bug.of(
                        "triggers are counted",
                        taps -> taps.events = (event, next) -> {
                            next.accept(event);
                            if (isSignal(event)) {
                                next.accept(event);
                            }
                        },
                        "H19"),
                Bug.of(
                        "COMPLETE returns in x0",
                        taps -> taps.events =
                                (event, next) -> next.accept(resumedWith(event, context -> context.setX(0, 0))),
                        "H6",
                        "H10",
                        "H11"),
                Bug.of(
                        "COMPLETE_AND_RESUME loses where it was",
                        taps -> taps.events =
                                (event, next) -> next.accept(resumedWith(event, context -> context.setElrEl1(0))),
                        "H11"));
    }

    private static boolean isReady(HostEvent event) {
        return event.getKind() == HostEventKind.HOST_EVENT_KIND_INTERRUPT && event.getToken() != Token.WAKE_ALL;
    }

    private static boolean isSignal(HostEvent event) {
        return event.getKind() == HostEventKind.HOST_EVENT_KIND_SDEI_EVENT && event.getEvent() == 0;
    }

    /** "Page ready" for the token that an event says is not present. */
    static HostEvent ready(HostEvent told) {
        return HostEvent.newBuilder()
                .setKind(HostEventKind.HOST_EVENT_KIND_INTERRUPT)
                .setVcpuId(told.getVcpuId())
                .setInterrupt(PAGE_READY_INTERRUPT)
                .setReason(Reason.REASON_PAGE_READY)
                .setToken(told.getToken())
                .build();
    }

    private static HostEvent resumedWith(HostEvent event, UnaryOperator<CpuContext.Builder> change) {
        boolean isResumed = event.getKind() == HostEventKind.HOST_EVENT_KIND_RESUMED && event.hasContext();
        return isResumed
                ? event.toBuilder()
                        .setContext(change.apply(event.getContext().toBuilder()))
                        .build()
                : event;
    }

    private static GuestCall acknowledgement(GuestCall call) {
        return call.toBuilder()
                .setKind(GuestCallKind.GUEST_CALL_KIND_ACKNOWLEDGE)
                .build();
    }

    private static Tap<HostEvent> twice() {
        return (event, next) -> {
            next.accept(event);
            if (event.getKind() == HostEventKind.HOST_EVENT_KIND_INTERRUPT) {
                next.accept(event);
            }
        };
    }

    private static void accept(Taps taps, Refusal refusal) {
        taps.verdicts = (verdict, next) -> next.accept(
                verdict.getRefusal() == refusal
                        ? verdict.toBuilder()
                                .setKind(VerdictKind.VERDICT_KIND_ACCEPTED)
                                .clearRefusal()
                                .build()
                        : verdict);
    }

    private static void verdict(Taps taps, VerdictKind right, VerdictKind wrong) {
        taps.verdicts = (verdict, next) -> next.accept(
                verdict.getKind() == right && verdict.getToken() != Token.WAKE_ALL
                        ? verdict.toBuilder().setKind(wrong).build()
                        : verdict);
    }

    private static void result(Taps taps, long right, long wrong) {
        taps.events = (event, next) -> next.accept(
                event.getKind() == HostEventKind.HOST_EVENT_KIND_RESULT && event.getResult() == right
                        ? event.toBuilder().setResult(wrong).build()
                        : event);
    }

    private static void tellWhatIsCancelled(Taps taps) {
        Map<Integer, Consumer<HostEvent>> guests = new ConcurrentHashMap<>();
        taps.events = (event, next) -> {
            guests.put(event.getVcpuId(), next);
            next.accept(event);
        };
        taps.verdicts = (verdict, next) -> {
            Consumer<HostEvent> guest = guests.get(verdict.getVcpuId());
            if (verdict.getKind() == VerdictKind.VERDICT_KIND_CANCELLED && guest != null) {
                guest.accept(notPresent(verdict));
            }
            next.accept(verdict);
        };
    }

    private static HostEvent notPresent(Verdict verdict) {
        return HostEvent.newBuilder()
                .setKind(HostEventKind.HOST_EVENT_KIND_SDEI_EVENT)
                .setVcpuId(verdict.getVcpuId())
                .setEvent(Guest.EVENT)
                .setEntry(Guest.ENTRY)
                .setReason(Reason.REASON_PAGE_NOT_PRESENT)
                .setToken(verdict.getToken())
                .build();
    }

    private static void tellTheTokenBefore(Taps taps) {
        Map<Integer, Integer> before = new ConcurrentHashMap<>();
        taps.events = (event, next) -> {
            if (event.getReason() == Reason.REASON_PAGE_NOT_PRESENT) {
                Integer token = before.put(event.getVcpuId(), event.getToken());
                next.accept(
                        event.toBuilder().setToken(token == null ? 0 : token).build());
            } else {
                next.accept(event);
            }
        };
    }

    /** Every command bears the newest epoch that its vCPU was armed with. */
    private static void acceptOldEpochs(Taps taps) {
        Map<Long, Long> epochs = new ConcurrentHashMap<>();
        taps.commands = (command, next) -> {
            if (command.getKind() == NotifyKind.NOTIFY_KIND_ARM) {
                epochs.put(command.getVmId(), command.getEpoch());
            }
            boolean isOnTokens = command.getKind() == NotifyKind.NOTIFY_KIND_PUBLISH
                    || command.getKind() == NotifyKind.NOTIFY_KIND_COMPLETE;
            long epoch = isOnTokens ? epochs.getOrDefault(command.getVmId(), command.getEpoch()) : command.getEpoch();
            next.accept(command.toBuilder().setEpoch(epoch).build());
        };
    }

    /** The first of two completions comes second. */
    private static void swapCompletions(Taps taps) {
        Deque<NotifyCommand> held = new ArrayDeque<>();
        taps.commands = (command, next) -> {
            if (command.getKind() == NotifyKind.NOTIFY_KIND_COMPLETE && held.isEmpty()) {
                held.add(command);
            } else {
                next.accept(command);
                if (command.getKind() == NotifyKind.NOTIFY_KIND_COMPLETE) {
                    next.accept(held.remove());
                }
            }
        };
    }
}
