// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance;

import com.google.protobuf.ByteString;
import io.faultline.model.Token;
import io.faultline.proto.notifier.v1.HostEventKind;
import io.faultline.proto.notifier.v1.NotifyKind;
import io.faultline.proto.vcpu.v1.FailReason;
import io.faultline.proto.vcpu.v1.OutcomeKind;
import io.faultline.proto.vcpu.v1.Privilege;
import io.faultline.proto.vcpu.v1.SyncReason;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntUnaryOperator;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Bugs that look as if vcpu-service had them. */
final class FaultPlaneBugs {
    private static final long SLOW_FETCH_NS = 50_000_000;

    private FaultPlaneBugs() {}

    static Stream<Bug> all() {
        return Stream.concat(ofTokens(), Stream.concat(ofFaults(), ofAnswers()));
    }

    private static Stream<Bug> ofTokens() {
        return Stream.of(
                Bug.of("token 0 is issued", taps -> tokens(taps, token -> 0), "A1", "D1"),
                Bug.of("the wake-all value is issued as a token", taps -> tokens(taps, token -> Token.WAKE_ALL), "A1"),
                Bug.of("a token names another vCPU", taps -> tokens(taps, token -> token ^ 1), "A1", "A2", "A3"),
                Bug.of(
                        "a token is used again",
                        taps -> tokens(taps, token -> Token.of(1, Token.vcpuId(token))),
                        "A2",
                        "D1",
                        "G9"),
                Bug.of(
                        "tokens are counted from 2",
                        taps -> tokens(taps, token -> token + (1 << 12)),
                        "A1",
                        "A2",
                        "C2"));
    }

    private static Stream<Bug> ofFaults() {
        return Stream.of(
                Bug.of("page-ready comes before the page is mapped", FaultPlaneBugs::readyBeforeMapped, "F1"),
                Bug.of(
                        "the wake-all after enabling is not asked for",
                        taps -> taps.commands =
                                without(command -> command.getKind() == NotifyKind.NOTIFY_KIND_WAKE_ALL),
                        "G1",
                        "G17"),
                Bug.of(
                        "another page's bytes are mapped",
                        taps -> taps.outcomes = (outcome, next) -> next.accept(
                                outcome.getLoaded().isEmpty()
                                        ? outcome
                                        : outcome.toBuilder()
                                                .setLoaded(ByteString.copyFromUtf8("another page's b"))
                                                .build()),
                        "A1",
                        "P8"),
                Bug.of(
                        "a resolved fault ends twice",
                        taps -> taps.outcomes = (outcome, next) -> {
                            next.accept(outcome);
                            if (outcome.getKind() == OutcomeKind.OUTCOME_KIND_RESOLVED) {
                                next.accept(outcome);
                            }
                        },
                        "A2",
                        "D8"),
                Bug.of(
                        "a resolved fault says nothing",
                        taps -> taps.outcomes =
                                without(outcome -> outcome.getKind() == OutcomeKind.OUTCOME_KIND_RESOLVED),
                        "D8"),
                Bug.of(
                        "the guest's kernel is taken for a task",
                        taps -> taps.faults = (fault, next) -> next.accept(fault.toBuilder()
                                .setPrivilege(Privilege.PRIVILEGE_USER)
                                .build()),
                        "B2"),
                Bug.of(
                        "a prefault goes asynchronous",
                        taps -> taps.faults = (fault, next) ->
                                next.accept(fault.toBuilder().setPrefault(false).build()),
                        "B12"),
                Bug.of(
                        "a synchronous fault does not say why",
                        taps -> taps.outcomes = (outcome, next) -> next.accept(outcome.toBuilder()
                                .setSyncReason(
                                        outcome.getSyncReason() == SyncReason.SYNC_REASON_UNSPECIFIED
                                                ? SyncReason.SYNC_REASON_UNSPECIFIED
                                                : SyncReason.SYNC_REASON_DISABLED)
                                .build()),
                        "B5",
                        "B8",
                        "F6"),
                Bug.of(
                        "an address without memory is taken for a lost page",
                        taps -> taps.outcomes = (outcome, next) -> next.accept(
                                outcome.getFailReason() == FailReason.FAIL_REASON_NO_MEMSLOT
                                        ? outcome.toBuilder()
                                                .setFailReason(FailReason.FAIL_REASON_PAGE_ABSENT)
                                                .build()
                                        : outcome),
                        "B14",
                        "F9"));
    }

    private static Stream<Bug> ofAnswers() {
        return Stream.of(
                Bug.of("enabling twice is SUCCESS", taps -> answer(taps, -2, 0), "G10"),
                Bug.of("INVALID_PARAMETER reads NOT_SUPPORTED", taps -> answer(taps, -3, -1), "G11", "G12"),
                Bug.of("NOT_SUPPORTED reads SUCCESS", taps -> answer(taps, -1, 0), "B4", "G15", "G16"),
                Bug.of("EIO reads SUCCESS", taps -> answer(taps, -5, 0), "G18"),
                Bug.of("VERSION is 1.0.1", taps -> answer(taps, 0x01_0000, 0x01_0001), "G16"),
                Bug.of("SLOTS is 128", taps -> answer(taps, 64, 128), "G16"),
                Bug.of(
                        "what is off reads as on",
                        taps -> taps.answers = (answer, next) -> next.accept(
                                answer.getValue() == 0
                                        ? answer.toBuilder().setValue(1).build()
                                        : answer),
                        "G12",
                        "G15",
                        "G20"));
    }

    /** Other tokens, as the guest and the faults' owner would both see them. */
    private static void tokens(Taps taps, IntUnaryOperator other) {
        taps.outcomes = (outcome, next) -> next.accept(
                outcome.getToken() == 0
                        ? outcome
                        : outcome.toBuilder()
                                .setToken(other.applyAsInt(outcome.getToken()))
                                .build());
        taps.events = (event, next) -> next.accept(
                Token.isIssuable(event.getToken())
                        ? event.toBuilder()
                                .setToken(other.applyAsInt(event.getToken()))
                                .build()
                        : event);
    }

    private static void answer(Taps taps, long right, long wrong) {
        taps.answers = (answer, next) -> next.accept(
                answer.getResult() == right
                        ? answer.toBuilder().setResult(wrong).build()
                        : answer);
    }

    /** The store is slow, and the guest hears of the page at once. */
    private static void readyBeforeMapped(Taps taps) {
        taps.replies = (batch, next) -> {
            if (!batch.getPages().isEmpty()) {
                LockSupport.parkNanos(SLOW_FETCH_NS);
            }
            next.accept(batch);
        };
        taps.events = (event, next) -> {
            next.accept(event);
            if (event.getKind() == HostEventKind.HOST_EVENT_KIND_SDEI_EVENT) {
                next.accept(NotifierBugs.ready(event));
            }
        };
    }

    static <T> Tap<T> without(Predicate<T> which) {
        return (message, next) -> {
            if (!which.test(message)) {
                next.accept(message);
            }
        };
    }
}
