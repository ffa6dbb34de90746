// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.faultline.loadtest.grpc.FaultOutcome;
import io.faultline.loadtest.trace.AddressMap;
import io.faultline.loadtest.trace.Recording;
import io.faultline.loadtest.trace.Traces;
import io.faultline.model.PageSize;
import io.faultline.model.SyncReason;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ReplayIT {
    private static final int FAULTS = 3_000;
    private static final Duration STANDSTILL = Duration.ofMillis(400);

    @SuppressWarnings("NullAway.Init") // Set before each test.
    private FakePlatform platform;

    @BeforeEach
    void startPlatform() throws IOException {
        platform = new FakePlatform();
    }

    @AfterEach
    void stopPlatform() {
        platform.close();
    }

    @Test
    void everyFaultEndsOnceAndEveryLoadIsChecked() {
        ReplayResult result = replay(settings(Traces.REDIS));

        assertThat(result.brokenInvariants()).isEmpty();
        assertThat(result.faults()).isEqualTo(FAULTS);
        assertThat(result.outcomes().values().stream()
                        .mapToLong(Long::longValue)
                        .sum())
                .isEqualTo(FAULTS);
        assertThat(result.integrity().checks()).isEqualTo(FAULTS);
        assertThat(result.integrity().checksOfSwapStore()).isPositive();
        assertThat(result.notifications().wakeAll()).isOne();
        assertThat(result.notifications().pageReady()).isEqualTo(result.count(TerminalKind.RESOLVED_READY));
        assertThat(result.count(TerminalKind.RESOLVED_READY)).isGreaterThan(FAULTS / 2);
        assertThat(result.asyncLatency().max()).isPositive();
        assertThat(platform.isRegistered()).isFalse();
    }

    @Test
    void anObserverHearsOfEveryFault() {
        Heard heard = new Heard();

        ReplayResult result = new Replay(settings(Traces.REDIS), ReplayProgress.NONE, heard).run();

        assertThat(heard.raised).isEqualTo(result.faults());
        assertThat(heard.wentAsync).isEqualTo(result.tokensIssued());
        assertThat(heard.ended).isEqualTo(result.faults());
        assertThat(heard.tasks).isEqualTo(8);
        assertThat(heard.finished).isOne();
    }

    /** Counts what it hears. */
    private static final class Heard implements ReplayObserver {
        private int tasks;
        private long raised;
        private long wentAsync;
        private long ended;
        private long finished;

        @Override
        public void began(int taskCount, int pages, long nowNs) {
            tasks = taskCount;
        }

        @Override
        public void raised(Fault fault, long nowNs) {
            raised++;
        }

        @Override
        public void wentAsync(int task, long sequence, long nowNs) {
            wentAsync++;
        }

        @Override
        public void ended(int task, FaultOutcome outcome, long latencyNs, long nowNs) {
            ended++;
        }

        @Override
        public void finished(long nowNs) {
            finished++;
        }
    }

    @Test
    void aGuestWithoutAsynchronousFaultsIsSynchronousThroughout() {
        ReplayResult result = replay(settings(Traces.REDIS).withGuest(new ReplaySettings.Guest(8, false, true)));

        assertThat(result.brokenInvariants()).isEmpty();
        assertThat(result.tokensIssued()).isZero();
        assertThat(result.syncReasons()).containsOnlyKeys(SyncReason.DISABLED);
    }

    @Test
    void threadsThatShareVcpusReplayToo() {
        ReplayResult result = replay(settings(Traces.MEMCACHED)
                .withVm(new ReplaySettings.Vm(1, 3, 64, PageSize.SIZE_4K))
                .withGuest(new ReplaySettings.Guest(16, true, false)));

        assertThat(result.brokenInvariants()).isEmpty();
        assertThat(result.faults()).isEqualTo(FAULTS);
        assertThat(result.notes()).anyMatch(note -> note.startsWith("only "));
    }

    @Test
    void aPageWithTheWrongBytesIsFound() {
        platform.with(memory -> memory.spoilLoad(1_000));

        ReplayResult result = replay(settings(Traces.REDIS));

        assertThat(result.integrity().mismatches()).isOne();
        assertThat(result.brokenInvariants()).singleElement().asString().contains("got zeros");
    }

    @Test
    void anOpenLoopBeginsEachAccessWhenItIsDue() {
        ReplayResult result = replay(settings(Traces.REDIS).withSchedule(new Schedule.Rate(4_000)));

        assertThat(result.brokenInvariants()).isEmpty();
        ReplayResult.OpenLoop openLoop = requireNonNull(result.openLoop());
        assertThat(openLoop.wantedPerS()).isCloseTo(4_000, Offset.offset(1.0));
        assertThat(openLoop.late().count()).isEqualTo(FAULTS);
        assertThat(openLoop.sinceDue().count()).isEqualTo(FAULTS);
        assertThat(result.elapsedS()).isGreaterThanOrEqualTo((FAULTS - 1) / 4_000.0);
    }

    @Test
    void aServiceThatStandsStillMakesEveryAccessLateThatWasDueMeanwhile() {
        platform.standStillOnce(FAULTS / 4, STANDSTILL);

        ReplayResult result = replay(settings(Traces.REDIS).withSchedule(new Schedule.Rate(4_000)));

        assertThat(result.brokenInvariants()).isEmpty();
        ReplayResult.OpenLoop openLoop = requireNonNull(result.openLoop());
        double standstillUs = STANDSTILL.toNanos() / 1_000.0;
        // A task has one access in flight: so few saw the standstill that their latencies tell little of it.
        assertThat(result.asyncLatency().p99()).isLessThan(standstillUs / 2);
        assertThat(openLoop.late().p50()).isGreaterThan(standstillUs / 4);
        assertThat(openLoop.sinceDue().p99()).isGreaterThan(standstillUs / 2);
    }

    @Test
    void aStandstillAtTheEndOfARunMakesLateWhatWasDueAndNeverBegan() {
        platform.standStillOnce(FAULTS / 4, Duration.ofSeconds(1));

        ReplayResult result = replay(
                settings(Traces.REDIS).withSchedule(new Schedule.Rate(2_000)).withRunMax(Duration.ofMillis(900)));

        assertThat(result.brokenInvariants()).isEmpty();
        ReplayResult.OpenLoop openLoop = requireNonNull(result.openLoop());
        assertThat(openLoop.late().count()).isGreaterThan(result.faults() + 100);
        assertThat(openLoop.sinceDue().count()).isEqualTo(openLoop.late().count());
        assertThat(openLoop.late().p99()).isGreaterThan(300_000);
        assertThat(openLoop.wantedPerS()).isCloseTo(2_000, within(10.0));
        assertThat(result.notes())
                .anySatisfy(
                        note -> assertThat(note)
                                .matches(
                                        "[0-9]+ accesses that were due when the time was up never began: they count as late until the end"));
    }

    @Test
    void aRecordingWithoutTimesHasNoSpeed(@TempDir Path directory) throws IOException {
        Path file = Traces.write(directory, " L 1ffeffe7e0,8", " S 1ffeffd7e0,8");

        assertThatThrownBy(() -> replay(settings(file).withSchedule(new Schedule.Recorded(1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "does not say when its faults were (expected: a recording with times, or a rate)");
    }

    @Test
    void aGuestRunsNoLongerThanItMay() {
        ReplayResult result = replay(
                settings(Traces.REDIS).withSchedule(new Schedule.Rate(100)).withRunMax(Duration.ofMillis(300)));

        assertThat(result.brokenInvariants()).isEmpty();
        assertThat(result.faults()).isBetween(2L, 100L);
        assertThat(result.notes()).singleElement().asString().startsWith("cut short after ");
    }

    @Test
    void aGuestWhoseTimeIsUpEndsEachAccessThatItBegan() {
        ReplayResult result = replay(settings(Traces.REDIS)
                .withFaultsPerSMax(2_000)
                .withTimeMax(Duration.ofMillis(500))
                .withReadsBack(true));

        assertThat(result.brokenInvariants()).isEmpty();
        assertThat(result.faults()).isBetween(1L, FAULTS - 1L);
        assertThat(result.notes()).singleElement().asString().startsWith("cut short after ");
        assertThat(requireNonNull(result.readBack()).pages()).isEqualTo(pagesOf(Traces.REDIS));
    }

    @Test
    void everyPageIsReadBackWhenThatIsAskedFor() {
        platform.with(memory -> memory.refuseReads(3));

        ReplayResult result = replay(settings(Traces.REDIS).withReadsBack(true));

        assertThat(result.brokenInvariants()).isEmpty();
        ReplayResult.ReadBack readBack = requireNonNull(result.readBack());
        assertThat(readBack.pages()).isEqualTo(pagesOf(Traces.REDIS));
        assertThat(readBack.wrong()).isZero();
        assertThat(readBack.lost()).isZero();
        assertThat(readBack.retries()).isEqualTo(3);
    }

    @Test
    void pagesOfAGuestThatBeganEmptyAreReadBackToo() {
        ReplayResult result = replay(settings(Traces.MEMCACHED)
                .withGuest(new ReplaySettings.Guest(8, true, false))
                .withReadsBack(true));

        assertThat(result.brokenInvariants()).isEmpty();
        assertThat(requireNonNull(result.readBack()).pages()).isEqualTo(pagesOf(Traces.MEMCACHED));
    }

    @Test
    void aPageThatWasForgottenIsNamedWithItsVm() {
        platform.with(memory -> memory.zeroAtRest(AddressMap.BASE_GFN + 70));

        ReplayResult result = replay(settings(Traces.REDIS).withReadsBack(true));

        assertThat(requireNonNull(result.readBack()).wrong()).isOne();
        assertThat(result.brokenInvariants())
                .singleElement()
                .asString()
                .startsWith("1 pages of VM 1 were read back wrong: gfn 0x40046: expected write ")
                .endsWith(", got zeros");
    }

    @Test
    void aPageThatNoTierHasIsNamedAndItsNeighboursAreReadAllTheSame() {
        platform.with(memory -> memory.loseAtRest(AddressMap.BASE_GFN + 70));

        ReplayResult result = replay(settings(Traces.REDIS).withReadsBack(true));

        assertThat(requireNonNull(result.readBack()).lost()).isOne();
        assertThat(requireNonNull(result.readBack()).pages()).isEqualTo(pagesOf(Traces.REDIS));
        assertThat(result.brokenInvariants())
                .singleElement()
                .isEqualTo("1 pages of VM 1 are lost: gfn 0x40046: DATA_LOSS: it is in no tier");
    }

    @Test
    void tiersThatStayUnavailableEndTheReadBack() {
        platform.with(memory -> memory.refuseReads(Integer.MAX_VALUE));

        assertThatThrownBy(() -> replay(settings(Traces.REDIS).withReadsBack(true)))
                .isInstanceOf(ReplayException.class)
                .hasMessageContaining("could not be read back in 5 attempts: UNAVAILABLE");
        assertThat(platform.isRegistered()).isFalse();
    }

    @Test
    void aFaultThatFailsIsReportedWithItsReason() {
        platform.with(memory -> memory.failAfter(1_000));

        ReplayResult result = replay(settings(Traces.REDIS));

        assertThat(result.count(TerminalKind.FAILED)).isOne();
        assertThat(result.brokenInvariants())
                .singleElement()
                .asString()
                .contains("1 faults failed: PAGE_ABSENT: the page is lost");
    }

    @Test
    void aGuestThatIsCutOffGoesOnSynchronously() {
        ReplayResult result =
                replay(settings(Traces.REDIS).withInterruption(new ReplaySettings.Interruption(1_000, 0)));

        assertThat(result.brokenInvariants()).isEmpty();
        assertThat(result.faults()).isEqualTo(FAULTS + result.faultsRetried());
        assertThat(result.syncReasons().getOrDefault(SyncReason.DISABLED, 0L)).isGreaterThan(1_000);
    }

    @Test
    void aGuestThatComesBackGoesAsynchronousAgain() {
        ReplayResult result =
                replay(settings(Traces.REDIS).withInterruption(new ReplaySettings.Interruption(1_000, 1_500)));

        assertThat(result.brokenInvariants()).isEmpty();
        assertThat(result.notifications().wakeAll()).isEqualTo(2);
        // Before the cut there were no more than these: one for each fault that had ended, one for each task in flight.
        assertThat(result.tokensIssued()).isGreaterThan(1_000 + 8);
    }

    @Test
    void aFaultStreamThatBreaksIsOpenedAgainAndNothingIsWrong() {
        platform.breakAt(Set.of(500, 501, 800, 1_500));

        ReplayResult result = replay(
                settings(Traces.REDIS).withReconnectMax(Duration.ofSeconds(20)).withReadsBack(true));

        assertThat(result.brokenInvariants()).isEmpty();
        assertThat(result.integrity().checks()).isEqualTo(FAULTS);
        assertThat(result.notes())
                .filteredOn(note -> note.contains("faults in flight"))
                .hasSize(4);
    }

    @Test
    void aFaultStreamThatBreaksEndsAReplayThatDoesNotConnectAgain() {
        platform.breakAt(Set.of(500));

        assertThatThrownBy(() -> replay(settings(Traces.REDIS)))
                .isInstanceOfSatisfying(
                        ReplayException.class, e -> assertThat(e.kind()).isEqualTo(ReplayException.Kind.NO_CONNECTION));
    }

    @Test
    void aGuestWhoseVmIsGoneIsToldSo() {
        platform.breakAt(Set.of(500));
        platform.loseVmAtBreak();

        assertThatThrownBy(() -> replay(settings(Traces.REDIS).withReconnectMax(Duration.ofSeconds(20))))
                .isInstanceOfSatisfying(
                        ReplayException.class, e -> assertThat(e.kind()).isEqualTo(ReplayException.Kind.VM_LOST));
    }

    @Test
    void aVmIdInUseIsTheCallersMistake() {
        platform.registerAnother();

        assertThatThrownBy(() -> replay(settings(Traces.REDIS)))
                .isInstanceOfSatisfying(
                        ReplayException.class, e -> assertThat(e.kind()).isEqualTo(ReplayException.Kind.BAD_INPUT))
                .hasMessageContaining("VM 1 cannot be registered: ALREADY_EXISTS");
        assertThat(platform.isRegistered()).isTrue();
    }

    @Test
    void servicesThatAreNotThereAreNamed() throws IOException {
        String nobody;
        try (ServerSocket socket = new ServerSocket(0)) {
            nobody = "127.0.0.1:" + socket.getLocalPort();
        }
        ReplaySettings settings =
                settings(Traces.REDIS).withServices(new ReplaySettings.Services(platform.address(), nobody));

        assertThatThrownBy(() -> replay(settings))
                .isInstanceOfSatisfying(
                        ReplayException.class, e -> assertThat(e.kind()).isEqualTo(ReplayException.Kind.NO_CONNECTION))
                .hasMessageContaining("notifier-service at " + nobody);
    }

    @Test
    void aFaultWithoutAnOutcomeEndsTheReplayWithTheGuestsState() {
        platform.with(memory -> memory.swallowAfter(1_000));
        ReplaySettings settings = settings(Traces.REDIS).withGuest(new ReplaySettings.Guest(1, false, true));

        assertThatThrownBy(() -> new Replay(settings, ReplayProgress.NONE, ReplayObserver.NONE, 500_000_000L).run())
                .isInstanceOfSatisfying(
                        ReplayException.class, e -> assertThat(e.kind()).isEqualTo(ReplayException.Kind.STALLED))
                .hasMessageContaining("vCPU 0: synchronous, fault undecided")
                .hasMessageContaining("task 0: access 1000 of " + FAULTS);
        assertThat(platform.isRegistered()).isFalse();
    }

    @Test
    void aTaskThatNobodyWakesEndsTheReplayWithTheGuestsState() {
        platform.with(memory -> memory.loseReadyAfter(1_000));

        assertThatThrownBy(
                        () -> new Replay(settings(Traces.REDIS), ReplayProgress.NONE, ReplayObserver.NONE, 500_000_000L)
                                .run())
                .isInstanceOfSatisfying(
                        ReplayException.class, e -> assertThat(e.kind()).isEqualTo(ReplayException.Kind.STALLED))
                .hasMessageContaining("asleep on 0x");
        assertThat(platform.isRegistered()).isFalse();
    }

    @Test
    void stoppingUnregistersTheVm() {
        Replay[] self = new Replay[1];
        Replay replay = new Replay(settings(Traces.REDIS), (phase, done, total) -> {
            if (phase == ReplayProgress.Phase.REPLAY && done > 500) {
                self[0].stop();
            }
        });
        self[0] = replay;

        assertThatThrownBy(replay::run)
                .isInstanceOfSatisfying(
                        ReplayException.class, e -> assertThat(e.kind()).isEqualTo(ReplayException.Kind.STOPPED));
        assertThat(platform.isRegistered()).isFalse();
    }

    private static int pagesOf(Path trace) {
        return Recording.load(trace, new Recording.Options(PageSize.SIZE_4K, 511, FAULTS, false))
                .addressMap()
                .pageCount();
    }

    private ReplaySettings settings(Path trace) {
        return ReplaySettings.of(trace)
                .withServices(new ReplaySettings.Services(platform.address(), platform.address()))
                .withFaultsMax(FAULTS);
    }

    private static ReplayResult replay(ReplaySettings settings) {
        return new Replay(settings, ReplayProgress.NONE).run();
    }
}
