// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.guest;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.Token;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class GuestKernelTest {
    private static final int NOT_PRESENT = 1;
    private static final int READY = 2;
    private static final long AREA = 0x4800_0000L;
    private static final int T1 = Token.of(1, 0);
    private static final int T2 = Token.of(2, 0);
    private static final long FIRST_FAULT = 0;
    private static final int FALLS_ASLEEP = 100_000;

    private final ScriptedHost host = new ScriptedHost();

    @Test
    void aVcpuAsksWhatThereIsTakesTheEventUnmasksAndOnlyThenEnables() {
        GuestKernel kernel = new GuestKernel(host, new int[] {0}, AREA, new int[][] {{0}});

        kernel.boot();
        host.answerBoot(kernel, 0);
        kernel.run();

        assertThat(host.takeLog())
                .containsExactly(
                        "hypercall 0",
                        "hypercall 1",
                        "hypercall 2",
                        "hypercall 3",
                        "attach 0",
                        "register",
                        "enable event",
                        "unmask",
                        "hypercall 4 0x48000001",
                        "raise 0 on 0");
        assertThat(kernel.bootFailure()).isNull();
    }

    @Test
    void aVcpuThatCannotEnableRunsSynchronouslyAndSaysWhy() {
        GuestKernel kernel = new GuestKernel(host, new int[] {0}, AREA, new int[][] {{0}});

        kernel.boot();
        kernel.hypercallReturned(0, -1);
        kernel.run();

        assertThat(kernel.bootFailure()).isEqualTo("vCPU 0: VERSION returned -1");
        assertThat(host.takeLog()).contains("raise 0 on 0");
    }

    @Test
    void tasksWaitUntilEveryVcpuHasBooted() {
        GuestKernel kernel = new GuestKernel(host, new int[] {0, 1}, AREA, new int[][] {{0}, {1}});
        kernel.boot();
        host.answerBoot(kernel, 0);
        kernel.run();
        assertThat(host.takeLog()).doesNotContain("raise 0 on 0");

        host.answerBoot(kernel, 1);
        kernel.run();

        assertThat(host.takeLog()).contains("raise 0 on 0", "raise 1 on 1");
    }

    @Test
    void aSynchronousFaultKeepsEveryOtherTaskOffItsVcpu() {
        GuestKernel kernel = started(new int[][] {{0, 2}, {1}});
        assertThat(host.takeLog()).containsExactly("raise 0 on 0");

        kernel.interrupt(0, READY, Token.WAKE_ALL);
        kernel.run();
        assertThat(host.takeLog()).containsExactly("clear", "acknowledge");
        kernel.result(0, host.lastCallId(), 0);
        kernel.run();
        assertThat(host.takeLog()).isEmpty();

        kernel.faultEnded(host.lastSequence(), 0, false);
        kernel.run();
        assertThat(host.takeLog()).containsExactly("raise 1 on 0");
    }

    @Test
    void aTaskThatWasToldIsPutAsideAndTheNextRunsOnceTheHandlerHasResumed() {
        GuestKernel kernel = started(new int[][] {{0, 2}, {1}});
        long first = host.lastSequence();
        host.takeLog();

        kernel.faultAsync(first, T1);
        kernel.notPresent(0, NOT_PRESENT, T1);
        kernel.run();
        assertThat(host.takeLog()).containsExactly("clear", "complete and resume");

        kernel.resumed(0, host.lastCallId());
        kernel.run();
        assertThat(host.takeLog()).containsExactly("raise 1 on 0");
    }

    @Test
    void theEventMayComeBeforeTheOutcomeThatItBelongsTo() {
        GuestKernel kernel = started(new int[][] {{0}, {1}});
        long first = host.lastSequence();
        host.takeLog();

        kernel.notPresent(0, NOT_PRESENT, T1);
        kernel.resumed(0, host.lastCallId());
        kernel.run();
        assertThat(host.takeLog()).doesNotContain("raise 1 on 0");

        kernel.faultAsync(first, T1);
        kernel.run();
        assertThat(host.takeLog()).containsExactly("raise 1 on 0");
        assertThat(kernel.violations().count()).isZero();
    }

    @Test
    void aTaskRunsOnlyAfterBothItsOutcomeAndItsPageReady() {
        GuestKernel kernel = started(new int[][] {{0, 1}});
        long first = putAside(kernel, T1);

        kernel.faultEnded(first, T1, false);
        kernel.run();
        assertThat(host.takeLog()).isEmpty();

        kernel.interrupt(0, READY, T1);
        kernel.run();
        kernel.result(0, host.lastCallId(), 0);
        kernel.run();
        assertThat(host.takeLog()).containsExactly("clear", "acknowledge", "raise 1 on 0");
    }

    @Test
    void pageReadyBeforeTheOutcomeWaitsForTheOutcome() {
        GuestKernel kernel = started(new int[][] {{0, 1}});
        long first = putAside(kernel, T1);

        kernel.interrupt(0, READY, T1);
        kernel.run();
        kernel.result(0, host.lastCallId(), 0);
        kernel.run();
        assertThat(host.takeLog()).containsExactly("clear", "acknowledge");

        kernel.faultEnded(first, T1, false);
        kernel.run();
        assertThat(host.takeLog()).containsExactly("raise 1 on 0");
    }

    @Test
    @Tag("J1")
    void pageReadyBeforeTheTaskSleepsLeavesNothingBehind() {
        GuestKernel kernel = started(new int[][] {{0, 1}});
        long first = host.lastSequence();
        kernel.faultAsync(first, T1);
        kernel.notPresent(0, NOT_PRESENT, T1);
        long handler = host.lastCallId();
        host.takeLog();

        kernel.interrupt(0, READY, T1);
        kernel.faultEnded(first, T1, false);
        kernel.run();
        assertThat(host.takeLog()).isEmpty();

        kernel.resumed(0, handler);
        kernel.run();
        kernel.result(0, host.lastCallId(), 0);
        kernel.run();
        assertThat(host.takeLog()).containsExactly("clear", "acknowledge", "raise 1 on 0");
        assertThat(kernel.describe()).contains("sleepers 0");
    }

    @Test
    @Tag("J2")
    void pageReadyWakesExactlyTheTaskOfItsToken() {
        GuestKernel kernel = started(new int[][] {{0, 2}, {1, 3}});
        putAside(kernel, T1);
        long second = putAside(kernel, T2);

        kernel.faultEnded(second, T2, false);
        kernel.interrupt(0, READY, T2);
        kernel.run();
        kernel.result(0, host.lastCallId(), 0);
        kernel.run();

        assertThat(host.takeLog()).containsExactly("clear", "acknowledge", "raise 3 on 0");
        assertThat(kernel.describe())
                .contains("sleepers 1", "task 0: access 0 of 2, faults in flight 1, asleep on 0x1000");
    }

    /** The host holds its decision until the interrupt, which the fault overtook, is acknowledged. */
    @Test
    void anInterruptIsTakenWhileAFaultIsUndecided() {
        GuestKernel kernel = started(new int[][] {{0, 2}, {1, 3}});
        long first = putAside(kernel, T1);
        host.takeLog();

        kernel.faultEnded(first, T1, false);
        kernel.interrupt(0, READY, T1);
        kernel.run();
        assertThat(host.takeLog()).containsExactly("clear", "acknowledge");
        kernel.result(0, host.lastCallId(), 0);
        kernel.run();
        assertThat(host.takeLog()).isEmpty();

        kernel.faultAsync(host.lastSequence(), T2);
        kernel.notPresent(0, NOT_PRESENT, T2);
        kernel.resumed(0, host.lastCallId());
        kernel.run();
        assertThat(host.takeLog()).containsExactly("clear", "complete and resume", "raise 2 on 0");
        assertThat(kernel.violations().messages()).isEmpty();
    }

    @Test
    @Tag("J6")
    void pageReadyAtAnyMomentOfFallingAsleepLeavesTheTaskRunnableAndNobodyWaiting() {
        GuestKernel kernel =
                started(new int[][] {IntStream.rangeClosed(0, FALLS_ASLEEP).toArray()});

        for (int access = 0; access < FALLS_ASLEEP; access++) {
            int token = Token.of(1 + access % Token.SEQUENCE_MAX, 0);
            host.takeLog();
            fallAsleepMeetingPageReady(kernel, host.lastSequence(), token, access);
            kernel.run();
            kernel.result(0, host.lastCallId(), 0);
            kernel.run();
            assertThat(host.takeLog()).endsWith("raise " + (access + 1) + " on 0");
        }

        assertThat(kernel.describe()).contains("sleepers 0, tokens outstanding 0");
        assertThat(kernel.violations().messages()).isEmpty();
        assertThat(kernel.counters().pageReadyHandled()).isEqualTo(FALLS_ASLEEP);
    }

    /** The page-ready and the end of the fault come at moments that the number chooses, the task meanwhile goes to sleep. */
    private void fallAsleepMeetingPageReady(GuestKernel kernel, long sequence, int token, int number) {
        Runnable pageReady = () -> kernel.interrupt(0, READY, token);
        Runnable end = () -> kernel.faultEnded(sequence, token, false);
        int readyAt = number % 3;
        int endAt = number / 3 % 3;

        kernel.faultAsync(sequence, token);
        kernel.notPresent(0, NOT_PRESENT, token);
        long handler = host.lastCallId();
        for (int moment = 0; moment < 3; moment++) {
            if (endAt == moment) {
                end.run();
            }
            if (readyAt == moment) {
                pageReady.run();
            }
            kernel.run();
            if (moment == 0) {
                kernel.resumed(0, handler);
            }
        }
    }

    @Test
    void aCancelledFaultLetsItsTaskRunOnWithoutAnEvent() {
        GuestKernel kernel = started(new int[][] {{0, 1}});
        long first = host.lastSequence();
        host.takeLog();

        kernel.faultAsync(first, T1);
        kernel.run();
        assertThat(host.takeLog()).isEmpty();

        kernel.faultEnded(first, T1, false);
        kernel.run();
        assertThat(host.takeLog()).containsExactly("raise 1 on 0");
    }

    @Test
    void anEventWithAnotherReasonIsRefusedAndTheAreaLeftAlone() {
        GuestKernel kernel = started(new int[][] {{0}});
        host.takeLog();

        kernel.notPresent(0, READY, T1);
        kernel.run();

        assertThat(host.takeLog()).containsExactly("complete 1");
        assertThat(kernel.counters().notPresentRefused()).isOne();
    }

    @Test
    @Tag("J5")
    void aSecondEventForATaskIsRefusedAndItsPageReadyWakesNobody() {
        GuestKernel kernel = started(new int[][] {{0, 1}});
        kernel.notPresent(0, NOT_PRESENT, T1);
        kernel.resumed(0, host.lastCallId());
        host.takeLog();

        kernel.notPresent(0, NOT_PRESENT, T2);
        assertThat(host.takeLog()).containsExactly("clear", "complete 1");
        kernel.resumed(0, host.lastCallId());
        kernel.faultAsync(host.lastSequence(), T1);
        kernel.interrupt(0, READY, T2);
        kernel.run();

        assertThat(host.takeLog()).containsExactly("clear", "acknowledge");
        assertThat(kernel.counters().unknownTokens()).isOne();
        assertThat(kernel.describe()).contains("sleepers 1");
    }

    @Test
    void pageReadyForAnUnknownTokenIsClearedAndAcknowledgedAndTheNextFlows() {
        GuestKernel kernel = started(new int[][] {{0, 1}});
        long first = putAside(kernel, T1);
        kernel.faultEnded(first, T1, false);

        kernel.interrupt(0, READY, T2);
        kernel.run();
        assertThat(host.takeLog()).containsExactly("clear", "acknowledge");

        kernel.interrupt(0, READY, T1);
        kernel.result(0, host.lastCallId(), 0);
        kernel.run();
        kernel.result(0, host.lastCallId(), 0);
        kernel.run();
        assertThat(host.takeLog()).containsExactly("clear", "acknowledge", "raise 1 on 0");
    }

    @Test
    @Tag("J7")
    void anInterruptWithAnotherReasonIsNeitherAcknowledgedNorDoesItWake() {
        GuestKernel kernel = started(new int[][] {{0, 1}});
        putAside(kernel, T1);

        kernel.interrupt(0, NOT_PRESENT, T1);
        kernel.run();

        assertThat(host.takeLog()).isEmpty();
        assertThat(kernel.counters().wrongInterrupts()).isOne();
        assertThat(kernel.describe()).contains("sleepers 1");
    }

    @Test
    void wakeAllMakesExactlyThisVcpusTasksTouchTheirPagesAgain() {
        GuestKernel kernel = new GuestKernel(host, new int[] {0, 1}, AREA, new int[][] {{0}, {1}});
        kernel.boot();
        host.answerBoot(kernel, 0);
        host.answerBoot(kernel, 1);
        kernel.run();
        sleep(kernel, 0, 0, T1);
        sleep(kernel, 1, 1, Token.of(1, 1));
        host.takeLog();

        kernel.interrupt(0, READY, Token.WAKE_ALL);
        kernel.run();
        kernel.result(0, host.lastCallId(), 0);
        kernel.run();

        assertThat(host.takeLog()).containsExactly("clear", "acknowledge", "retry 0 on 0");
        assertThat(kernel.describe()).contains("vCPU 1: asynchronous, sleepers 1");
    }

    @Test
    @Tag("J4")
    void wakeAllLeavesNobodyInTheTableAndTheTokensOfBeforeWakeNobody() {
        GuestKernel kernel = started(new int[][] {{0}, {1}});
        putAside(kernel, T1);
        putAside(kernel, T2);

        kernel.interrupt(0, READY, Token.WAKE_ALL);
        kernel.run();
        kernel.result(0, host.lastCallId(), 0);
        assertThat(kernel.describe()).contains("sleepers 0");
        kernel.faultEnded(FIRST_FAULT, T1, false);
        kernel.interrupt(0, READY, T1);
        kernel.run();

        assertThat(kernel.counters().unknownTokens()).isOne();
        assertThat(kernel.describe()).contains("sleepers 0");
    }

    @Test
    void anAccessInFlightTwiceEndsWhenBothItsFaultsHave() {
        GuestKernel kernel = started(new int[][] {{0, 1}});
        long first = putAside(kernel, T1);
        kernel.allDetached();
        kernel.run();
        assertThat(host.takeLog()).containsExactly("retry 0 on 0");

        kernel.faultEnded(host.lastSequence(), 0, false);
        kernel.run();
        assertThat(host.takeLog()).isEmpty();

        kernel.faultEnded(first, T1, true);
        kernel.run();
        assertThat(host.takeLog()).containsExactly("raise 1 on 0");
        assertThat(kernel.counters().faultsRetried()).isOne();
    }

    @Test
    void detachingEndsWhateverTheGuestWaitedForFromItsNotifications() {
        GuestKernel kernel = started(new int[][] {{0, 2}, {1}});
        kernel.faultAsync(host.lastSequence(), T1);
        kernel.notPresent(0, NOT_PRESENT, T1);
        kernel.faultEnded(host.lastSequence(), T1, true);
        host.takeLog();

        kernel.allDetached();
        kernel.run();

        assertThat(host.takeLog()).containsExactly("raise 1 on 0");
    }

    @Test
    void aDetachedGuestCanBootAgainWhileItsTasksRun() {
        GuestKernel kernel = started(new int[][] {{0, 1}});
        kernel.allDetached();
        host.takeLog();

        kernel.boot();
        host.answerBoot(kernel, 0);
        kernel.run();

        assertThat(host.takeLog()).endsWith("hypercall 4 0x48000001");
        assertThat(kernel.describe()).contains("asynchronous");
    }

    @Test
    void anEventThatArrivesAfterItsFaultWasDroppedIsClearedAndPutsNobodyAside() {
        GuestKernel kernel = started(new int[][] {{0}, {1}});
        kernel.faultAsync(host.lastSequence(), T1);
        kernel.faultEnded(host.lastSequence(), T1, true);
        kernel.run();
        host.takeLog();

        kernel.notPresent(0, NOT_PRESENT, T1);

        assertThat(host.takeLog()).containsExactly("clear", "complete 0");
        assertThat(kernel.describe()).contains("sleepers 0");
    }

    @Test
    void theHostsOffencesAreNoticed() {
        GuestKernel kernel = started(new int[][] {{0, 1}});
        long first = host.lastSequence();

        kernel.faultAsync(first, Token.of(1, 5));
        kernel.faultEnded(first, T2, false);
        kernel.faultEnded(99, 0, false);

        assertThat(kernel.violations().messages())
                .containsExactly(
                        "vCPU 0: a token that no fault of this vCPU may have (token 0x1005)",
                        "vCPU 0: RESOLVED for a token that its fault does not have (token 0x2000)",
                        "an outcome for fault 99, which was never raised");
    }

    private GuestKernel started(int[][] accesses) {
        GuestKernel kernel = new GuestKernel(host, new int[] {0}, AREA, accesses);
        kernel.boot();
        host.answerBoot(kernel, 0);
        host.takeLog();
        kernel.run();
        return kernel;
    }

    /** Answers the fault raised last with ASYNC and its event. */
    private long putAside(GuestKernel kernel, int token) {
        long sequence = host.lastSequence();
        sleep(kernel, 0, sequence, token);
        host.takeLog();
        return sequence;
    }

    private void sleep(GuestKernel kernel, int vcpuId, long sequence, int token) {
        kernel.faultAsync(sequence, token);
        kernel.notPresent(vcpuId, NOT_PRESENT, token);
        kernel.resumed(vcpuId, host.lastCallId());
        kernel.run();
    }
}
