// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation;

import io.faultline.model.Refusal;
import io.faultline.model.Tier;
import io.faultline.model.Token;
import io.faultline.notifier.domain.AreaWords;
import io.faultline.notifier.domain.HostEventKind;
import io.faultline.notifier.domain.VerdictKind;
import io.faultline.simulation.check.Invariant;
import io.faultline.simulation.message.Call;
import io.faultline.simulation.message.Command;
import io.faultline.simulation.message.Event;
import io.faultline.simulation.message.PageAsk;
import io.faultline.simulation.message.PageReply;
import io.faultline.simulation.message.Ruling;
import io.faultline.simulation.message.Tap;
import io.faultline.simulation.message.Taps;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Bugs that look as if the notifier or the pager had them. */
final class NotifierAndPagerBugs {
    private static final int EVENT_COMPLETE = 0xC400_0025;
    private static final int EVENT_COMPLETE_AND_RESUME = 0xC400_0026;
    private static final int EVENT_REGISTER = 0xC400_0021;
    private static final int PE_MASK = 0xC400_002B;

    private NotifierAndPagerBugs() {}

    static Stream<Bug> all() {
        return Stream.concat(ofVerdicts(), Stream.concat(ofEvents(), Stream.concat(ofCalls(), ofThePager())));
    }

    private static Stream<Bug> ofVerdicts() {
        return Stream.of(
                Bug.of(
                        "a refusal is not rolled back",
                        taps -> taps.rulingsOut = (ruling, next) ->
                                next.accept(ruling.kind() == VerdictKind.ACCEPTED ? refused(ruling) : ruling),
                        Invariant.I5),
                Bug.of(
                        "a publication is accepted whatever stands in its way",
                        taps -> taps.rulingsOut =
                                (ruling, next) -> next.accept(isRefusedPublication(ruling) ? accepted(ruling) : ruling),
                        Invariant.I5,
                        Invariant.I9),
                Bug.of(
                        "what was delivered is cancelled",
                        taps -> taps.rulingsOut = (ruling, next) -> next.accept(
                                ruling.kind() == VerdictKind.READY && ruling.token() != Token.WAKE_ALL
                                        ? cancelled(ruling)
                                        : ruling),
                        Invariant.I15),
                Bug.of(
                        "a publication goes on waiting though it was withdrawn",
                        taps -> taps.commandsIn = drop(command -> command.kind() == Command.Kind.WITHDRAW),
                        Invariant.I5),
                Bug.of(
                        "a wake-all is lost",
                        taps -> taps.commandsIn = drop(command -> command.kind() == Command.Kind.WAKE_ALL),
                        Invariant.I26),
                Bug.of(
                        "a completion is lost",
                        taps -> taps.commandsIn = drop(command -> command.kind() == Command.Kind.COMPLETE),
                        Invariant.I26,
                        Invariant.L1));
    }

    private static Stream<Bug> ofEvents() {
        return Stream.of(
                Bug.of(
                        "a page-ready is not told, and no later look is armed",
                        taps -> taps.eventsOut = drop(event -> event.kind() == HostEventKind.INTERRUPT),
                        Invariant.I26),
                Bug.of(
                        "a page-ready is told twice",
                        taps -> taps.eventsOut = twice(HostEventKind.INTERRUPT),
                        Invariant.I17,
                        Invariant.I20),
                Bug.of(
                        "a page-not-present is not told",
                        taps -> taps.eventsOut =
                                drop(event -> event.kind() == HostEventKind.SDEI_EVENT && event.number() != 0),
                        Invariant.I37),
                Bug.of(
                        "a page-not-present is told twice",
                        taps -> taps.eventsOut = twice(HostEventKind.SDEI_EVENT),
                        Invariant.I13),
                Bug.of(
                        "an event says another token",
                        taps -> taps.eventsOut = (event, next) -> next.accept(
                                event.kind() == HostEventKind.SDEI_EVENT
                                        ? withToken(event, event.token() + 0x1000)
                                        : event),
                        Invariant.I10),
                Bug.of(
                        "every page-ready wakes all",
                        taps -> taps.eventsOut = (event, next) -> next.accept(
                                event.kind() == HostEventKind.INTERRUPT ? withToken(event, Token.WAKE_ALL) : event),
                        Invariant.I19));
    }

    private static Stream<Bug> ofCalls() {
        return Stream.of(
                Bug.of(
                        "an acknowledgement is ignored",
                        taps -> taps.callsIn = drop(call -> call.kind() == Call.Kind.ACKNOWLEDGE),
                        Invariant.I5,
                        Invariant.I26,
                        Invariant.L5),
                Bug.of(
                        "a cleared area stays busy",
                        taps -> taps.callsIn = drop(call -> call.kind() == Call.Kind.CLEAR_AREA),
                        Invariant.I5,
                        Invariant.I26),
                Bug.of(
                        "the area is written again before it is cleared",
                        taps -> taps.callsIn = (call, next) -> {
                            if (call.kind() == Call.Kind.ACKNOWLEDGE) {
                                next.accept(Call.clear(call.vmId(), call.vcpuId(), AreaWords.BOTH));
                            }
                            next.accept(call);
                        },
                        Invariant.I9,
                        Invariant.I20),
                Bug.of(
                        "clearing counts as acknowledging",
                        taps -> taps.callsIn = (call, next) -> {
                            next.accept(call);
                            if (call.kind() == Call.Kind.CLEAR_AREA) {
                                next.accept(Call.of(Call.Kind.ACKNOWLEDGE, call.vmId(), call.vcpuId(), 0));
                            }
                        },
                        Invariant.I9,
                        Invariant.I20),
                Bug.of(
                        "a handler's completion is ignored",
                        taps -> taps.callsIn = drop(call ->
                                call.function() == EVENT_COMPLETE || call.function() == EVENT_COMPLETE_AND_RESUME),
                        Invariant.I5,
                        Invariant.L2),
                Bug.of(
                        "masking the PE has no effect",
                        taps -> taps.callsIn = drop(call -> call.function() == PE_MASK),
                        Invariant.I5,
                        Invariant.I34),
                Bug.of(
                        "a signal is not told",
                        taps -> taps.eventsOut =
                                drop(event -> event.kind() == HostEventKind.SDEI_EVENT && event.number() == 0),
                        Invariant.I37),
                Bug.of(
                        "event 0 cannot be registered",
                        taps -> taps.callsIn = drop(call -> call.function() == EVENT_REGISTER && call.argument1() == 0),
                        Invariant.I34,
                        Invariant.I37));
    }

    private static Stream<Bug> ofThePager() {
        return Stream.of(
                Bug.of(
                        "a store that failed is acknowledged",
                        NotifierAndPagerBugs::acknowledgeFailedStores,
                        Invariant.P2),
                Bug.of(
                        "a page that was not found reads as zeros",
                        taps -> taps.repliesIn = (reply, next) -> next.accept(
                                reply.kind() == PageReply.Kind.ABSENT
                                        ? new PageReply(PageReply.Kind.ZERO, reply.requestId(), Tier.SWAP_STORE, 0)
                                        : reply),
                        Invariant.P1),
                Bug.of("a discard forgets another page too", NotifierAndPagerBugs::discardLastStored, Invariant.P2));
    }

    private static <T> Tap<T> drop(Predicate<T> which) {
        return (message, next) -> {
            if (!which.test(message)) {
                next.accept(message);
            }
        };
    }

    private static Tap<Event> twice(HostEventKind kind) {
        return (event, next) -> {
            next.accept(event);
            if (event.kind() == kind) {
                next.accept(event);
            }
        };
    }

    private static boolean isRefusedPublication(Ruling ruling) {
        return ruling.kind() == VerdictKind.REFUSED && Token.isIssuable(ruling.token());
    }

    private static Ruling refused(Ruling ruling) {
        return new Ruling(
                VerdictKind.REFUSED, ruling.vmId(), ruling.vcpuId(), ruling.epoch(), ruling.token(), Refusal.AREA_BUSY);
    }

    private static Ruling accepted(Ruling ruling) {
        return new Ruling(
                VerdictKind.ACCEPTED, ruling.vmId(), ruling.vcpuId(), ruling.epoch(), ruling.token(), Refusal.NONE);
    }

    private static Ruling cancelled(Ruling ruling) {
        return new Ruling(
                VerdictKind.CANCELLED, ruling.vmId(), ruling.vcpuId(), ruling.epoch(), ruling.token(), Refusal.NONE);
    }

    private static Event withToken(Event event, int token) {
        return new Event(
                event.kind(),
                event.vmId(),
                event.vcpuId(),
                event.callId(),
                event.result(),
                event.number(),
                event.reason(),
                token);
    }

    private static void acknowledgeFailedStores(Taps taps) {
        taps.repliesOut = (reply, next) -> next.accept(
                reply.kind() == PageReply.Kind.UNAVAILABLE
                        ? new PageReply(PageReply.Kind.STORED, reply.requestId(), Tier.NONE, 0)
                        : reply);
    }

    private static void discardLastStored(Taps taps) {
        @Nullable PageAsk[] last = new @Nullable PageAsk[1];
        taps.asksIn = (ask, next) -> {
            next.accept(ask);
            PageAsk stored = last[0];
            if (ask.kind() == PageAsk.Kind.STORE) {
                last[0] = ask;
            } else if (ask.kind() == PageAsk.Kind.DISCARD && stored != null) {
                next.accept(new PageAsk(
                        PageAsk.Kind.DISCARD, 0, stored.vmId(), stored.gfn(), stored.version(), stored.size(), 0));
            }
        };
    }
}
