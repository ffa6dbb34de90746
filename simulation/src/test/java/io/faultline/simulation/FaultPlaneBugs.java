// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation;

import io.faultline.model.Refusal;
import io.faultline.model.Tier;
import io.faultline.model.Token;
import io.faultline.notifier.domain.VerdictKind;
import io.faultline.simulation.check.Invariant;
import io.faultline.simulation.message.Command;
import io.faultline.simulation.message.Outcome;
import io.faultline.simulation.message.PageAsk;
import io.faultline.simulation.message.PageReply;
import io.faultline.simulation.message.Ruling;
import io.faultline.simulation.message.Tap;
import io.faultline.simulation.message.Taps;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Bugs that look as if the fault plane had them. */
final class FaultPlaneBugs {
    private FaultPlaneBugs() {}

    static Stream<Bug> all() {
        return Stream.concat(ofTokens(), Stream.concat(ofEpochsAndCompletions(), Stream.concat(ofEnds(), ofPages())));
    }

    private static Stream<Bug> ofTokens() {
        return Stream.of(
                Bug.of("token 0 is issued", publishing(token -> Token.NONE), Invariant.I1),
                Bug.of("the wake-all value is issued as a token", publishing(token -> Token.WAKE_ALL), Invariant.I2),
                Bug.of("a token names another vCPU", publishing(token -> token ^ 2), Invariant.I4),
                Bug.of("a token is reused while outstanding", FaultPlaneBugs::reuseToken, Invariant.I3),
                Bug.of(
                        "a publication bears the epoch before",
                        taps -> taps.commandsOut =
                                change(Command.Kind.PUBLISH, command -> command.withEpoch(command.epoch() - 1)),
                        Invariant.I5));
    }

    private static Stream<Bug> ofEpochsAndCompletions() {
        return Stream.of(
                Bug.of(
                        "a verdict of an old epoch is accepted",
                        FaultPlaneBugs::acceptOldEpochs,
                        Invariant.E1,
                        Invariant.I5,
                        Invariant.I28),
                Bug.of(
                        "the wake-all after enabling is not asked for",
                        taps -> taps.commandsOut = (command, next) -> {
                            if (command.kind() != Command.Kind.WAKE_ALL) {
                                next.accept(command);
                            }
                        },
                        Invariant.I28),
                Bug.of(
                        "a completion is sent before the page is mapped",
                        FaultPlaneBugs::completeOnAcceptance,
                        Invariant.I18),
                Bug.of(
                        "a completion is sent before the publication is accepted",
                        taps -> taps.commandsOut = (command, next) -> {
                            next.accept(command);
                            if (command.kind() == Command.Kind.PUBLISH) {
                                next.accept(
                                        completion(command.vmId(), command.vcpuId(), command.epoch(), command.token()));
                            }
                        },
                        Invariant.I11),
                Bug.of(
                        "a completion is sent twice",
                        taps -> taps.commandsOut = (command, next) -> {
                            next.accept(command);
                            if (command.kind() == Command.Kind.COMPLETE) {
                                next.accept(command);
                            }
                        },
                        Invariant.I24));
    }

    private static Stream<Bug> ofEnds() {
        return Stream.of(
                Bug.of(
                        "a fault ends twice",
                        taps -> taps.outcomesOut = (outcome, next) -> {
                            next.accept(outcome);
                            if (outcome.kind() == Outcome.Kind.RESOLVED) {
                                next.accept(outcome);
                            }
                        },
                        Invariant.F1),
                Bug.of(
                        "a resolved fault says nothing",
                        taps -> taps.outcomesOut = (outcome, next) -> {
                            if (outcome.kind() != Outcome.Kind.RESOLVED) {
                                next.accept(outcome);
                            }
                        },
                        Invariant.L1,
                        Invariant.I8),
                Bug.of(
                        "a work is not released by its page-ready",
                        taps -> taps.rulingsIn = (ruling, next) -> {
                            if (ruling.kind() != VerdictKind.READY || ruling.token() == Token.WAKE_ALL) {
                                next.accept(ruling);
                            }
                        },
                        Invariant.L1),
                Bug.of(
                        "a wake-all's work is not released",
                        taps -> taps.rulingsIn = (ruling, next) -> {
                            if (ruling.kind() != VerdictKind.READY || ruling.token() != Token.WAKE_ALL) {
                                next.accept(ruling);
                            }
                        },
                        Invariant.L3));
    }

    private static Stream<Bug> ofPages() {
        return Stream.of(
                Bug.of("another version's bytes are mapped", FaultPlaneBugs::mapTheBytesBefore, Invariant.P1),
                Bug.of(
                        "a corrupt page reads as zeros",
                        taps -> taps.repliesIn = (reply, next) -> next.accept(
                                reply.kind() == PageReply.Kind.CORRUPT
                                        ? new PageReply(PageReply.Kind.ZERO, reply.requestId(), Tier.SWAP_STORE, 0)
                                        : reply),
                        Invariant.P1),
                Bug.of(
                        "a page that cannot be asked for is taken as lost",
                        taps -> taps.repliesIn = (reply, next) -> next.accept(
                                reply.kind() == PageReply.Kind.UNAVAILABLE
                                        ? new PageReply(PageReply.Kind.ABSENT, reply.requestId(), Tier.NONE, 0)
                                        : reply),
                        Invariant.P2),
                Bug.of(
                        "a page is discarded as soon as it is stored",
                        taps -> taps.asksOut = (ask, next) -> {
                            next.accept(ask);
                            if (ask.kind() == PageAsk.Kind.STORE) {
                                next.accept(new PageAsk(
                                        PageAsk.Kind.DISCARD, 0, ask.vmId(), ask.gfn(), ask.version(), ask.size(), 0));
                            }
                        },
                        Invariant.P2),
                Bug.of(
                        "a page is stored under its last version's name",
                        FaultPlaneBugs::reuseVersion,
                        Invariant.P1,
                        Invariant.P2,
                        Invariant.P5),
                Bug.of(
                        "a hint names the version before",
                        hinting((ask, next) -> next.accept(new PageAsk(
                                ask.kind(),
                                ask.requestId(),
                                ask.vmId(),
                                ask.gfn(),
                                ask.version() - 1,
                                ask.size(),
                                ask.stamp()))),
                        Invariant.P5),
                Bug.of(
                        "a page is hinted twice",
                        hinting((ask, next) -> {
                            next.accept(ask);
                            next.accept(ask);
                        }),
                        Invariant.P6));
    }

    private static Consumer<Taps> hinting(Tap<PageAsk> change) {
        return taps -> taps.asksOut = (ask, next) -> {
            if (ask.kind() == PageAsk.Kind.PREFETCH) {
                change.pass(ask, next);
            } else {
                next.accept(ask);
            }
        };
    }

    private static Consumer<Taps> publishing(UnaryOperator<Integer> token) {
        return taps -> taps.commandsOut =
                change(Command.Kind.PUBLISH, command -> command.withToken(token.apply(command.token())));
    }

    private static Tap<Command> change(Command.Kind kind, UnaryOperator<Command> change) {
        return (command, next) -> next.accept(command.kind() == kind ? change.apply(command) : command);
    }

    private static void reuseToken(Taps taps) {
        Map<String, Integer> last = new HashMap<>();
        taps.commandsOut = (command, next) -> {
            String vcpu = command.vmId() + "/" + command.vcpuId() + "/" + command.epoch();
            Integer token = last.get(vcpu);
            if (command.kind() == Command.Kind.PUBLISH) {
                last.putIfAbsent(vcpu, command.token());
                next.accept(token == null ? command : command.withToken(token));
            } else {
                if (command.kind() == Command.Kind.COMPLETE) {
                    last.remove(vcpu);
                }
                next.accept(command);
            }
        };
    }

    /** Whatever the notifier says while an arming is under way is taken for its answer, of whichever epoch it is. */
    private static void acceptOldEpochs(Taps taps) {
        Map<String, Long> arming = new HashMap<>();
        taps.commandsOut = (command, next) -> {
            if (command.kind() == Command.Kind.ARM) {
                arming.put(command.vmId() + "/" + command.vcpuId(), command.epoch());
            }
            next.accept(command);
        };
        taps.rulingsIn = (ruling, next) -> {
            Long epoch = arming.remove(ruling.vmId() + "/" + ruling.vcpuId());
            next.accept(epoch != null && ruling.epoch() != epoch ? armed(ruling, epoch) : ruling);
        };
    }

    private static Ruling armed(Ruling ruling, long epoch) {
        return new Ruling(VerdictKind.ARMED, ruling.vmId(), ruling.vcpuId(), epoch, Token.NONE, Refusal.NONE);
    }

    private static void completeOnAcceptance(Taps taps) {
        Set<Integer> sent = new HashSet<>();
        CommandsOut out = new CommandsOut();
        taps.commandsOut = (command, next) -> {
            out.next = next;
            if (command.kind() != Command.Kind.COMPLETE || !sent.remove(command.token())) {
                next.accept(command);
            }
        };
        taps.rulingsIn = (ruling, next) -> {
            next.accept(ruling);
            if (ruling.kind() == VerdictKind.ACCEPTED && sent.add(ruling.token())) {
                out.next.accept(completion(ruling));
            }
        };
    }

    private static Command completion(Ruling ruling) {
        return completion(ruling.vmId(), ruling.vcpuId(), ruling.epoch(), ruling.token());
    }

    private static Command completion(long vmId, int vcpuId, long epoch, int token) {
        return Command.of(Command.Kind.COMPLETE, vmId, vcpuId, epoch, token);
    }

    private static void mapTheBytesBefore(Taps taps) {
        long[] before = {0};
        taps.repliesIn = (reply, next) -> {
            long stamp = before[0];
            before[0] = reply.stamp();
            boolean isBytes = reply.kind() == PageReply.Kind.DATA && stamp != 0;
            next.accept(isBytes ? new PageReply(PageReply.Kind.DATA, reply.requestId(), reply.tier(), stamp) : reply);
        };
    }

    private static void reuseVersion(Taps taps) {
        Map<String, Long> versions = new HashMap<>();
        taps.asksOut = (ask, next) -> {
            long version = versions.getOrDefault(ask.vmId() + "/" + ask.gfn(), ask.version());
            versions.putIfAbsent(ask.vmId() + "/" + ask.gfn(), ask.version());
            next.accept(
                    new PageAsk(ask.kind(), ask.requestId(), ask.vmId(), ask.gfn(), version, ask.size(), ask.stamp()));
        };
    }

    /** Where the fault plane's commands go. */
    private static final class CommandsOut {
        private Consumer<Command> next = command -> {};
    }
}
