// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.faultline.loadtest.replay.Replay;
import io.faultline.loadtest.replay.ReplayProgress;
import io.faultline.loadtest.replay.ReplayResult;
import io.faultline.loadtest.replay.ReplaySettings;
import io.faultline.loadtest.replay.TerminalKind;
import io.faultline.model.PageSize;
import io.faultline.processes.ServiceProcesses;
import io.faultline.redis.RedisServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each service is ended in good order and started again, as in an upgrade, while a guest faults. What is promised, and what the
 * figures that this prints were: docs/reliability.md, "Rolling restart".
 */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RollingRestartIT {
    private static final String LOOPBACK = "127.0.0.1:";
    private static final String NO_AUDIT = "--faultline.audit.enabled=false";
    private static final int ENDED_BY_SIGTERM = 143;
    private static final int LOOK_MAX_S = 40;
    private static final double NS_PER_S = 1e9;
    /** More than are raised meanwhile. */
    private static final int FAULTS_OF_RESTARTS = 150_000;

    private static final int FAULTS_OF_ONE_END = 10_000;
    private static final int FAULTS_PER_S = 600;
    private static final int AS_FAST_AS_THEY_END = 0;
    /** So many have to end in each state of the services: so many of their tokens, where there are any. */
    private static final int FURTHER_FAULTS = 300;

    private static final Duration RECONNECT_MAX = Duration.ofSeconds(60);
    /** What vcpu-service says of a fault that it was told of once it was ending. */
    private static final String RAISED_TOO_LATE = "the service is shutting down";

    private final int[] pagerPorts = {ServiceProcesses.freePort(), ServiceProcesses.freePort()};
    private final int notifierPort = ServiceProcesses.freePort();
    private final int vcpuPort = ServiceProcesses.freePort();
    private final Process[] pagers = new Process[2];
    private ServiceProcesses processes;
    private RedisServer redis;
    private Process notifier;
    private Process vcpu;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        redis = RedisServer.start(Files.createDirectories(directory.resolve("redis")));
        processes = new ServiceProcesses(Path.of(".."), directory, List.of("-Xmx256m"));
        pagers[0] = pager(0);
        pagers[1] = pager(1);
        notifier = notifier();
        vcpu = vcpu();
        processes.awaitServing("pager-0", pagers[0], pagerPorts[0]);
        processes.awaitServing("pager-1", pagers[1], pagerPorts[1]);
        processes.awaitServing("notifier-service", notifier, notifierPort);
        processes.awaitServing("vcpu-service", vcpu, vcpuPort);
    }

    @AfterAll
    void end() {
        try {
            processes.close();
        } finally {
            redis.close();
        }
    }

    @Test
    void noFaultFailsWhilePagersAndNotifierAreRestartedOneAfterAnother() {
        RestartWatch watch = new RestartWatch();
        Replay replay = new Replay(settings(FAULTS_PER_S, FAULTS_OF_RESTARTS), ReplayProgress.NONE, watch);
        CompletableFuture<ReplayResult> load = CompletableFuture.supplyAsync(replay::run);
        awaitFurther(FURTHER_FAULTS, watch::tokens, load);

        watch.forgetTimes();
        for (int i = 0; i < pagers.length; i++) {
            endInOrder("pager-" + i, pagers[i]);
            awaitFurther(FURTHER_FAULTS, watch::ended, load);
            pagers[i] = pager(i);
            processes.awaitServing("pager-" + i, pagers[i], pagerPorts[i]);
            awaitFurther(FURTHER_FAULTS, watch::ended, load);
        }
        say("pager-service", watch);

        watch.forgetTimes();
        endInOrder("notifier-service", notifier);
        awaitFurther(FURTHER_FAULTS, watch::ended, load);
        long tokens = watch.tokens();
        awaitFurther(FURTHER_FAULTS, watch::ended, load);
        assertThat(watch.tokens()).as("tokens without a notifier").isEqualTo(tokens);
        notifier = notifier();
        processes.awaitServing("notifier-service", notifier, notifierPort);
        long servesNs = System.nanoTime();
        awaitFurther(1, watch::tokens, load);
        System.out.printf("notifier-service: %.2f s to the next token%n", (System.nanoTime() - servesNs) / NS_PER_S);
        awaitFurther(FURTHER_FAULTS, watch::tokens, load);
        say("notifier-service", watch);

        replay.finish();
        requireWhole(load.join());
        assertThat(watch.failures()).isEmpty();
    }

    @Test
    void faultsRaisedBeforeAVcpuServiceEndsEndWellLaterOnesAreToldAndItsClientBeginsAnew() {
        RestartWatch before = new RestartWatch();
        CompletableFuture<ReplayResult> cut = CompletableFuture.supplyAsync(
                () -> new Replay(settings(AS_FAST_AS_THEY_END, FAULTS_OF_ONE_END), ReplayProgress.NONE, before).run());
        awaitFurther(FURTHER_FAULTS, before::tokens, cut);

        long toldNs = System.nanoTime();
        endInOrder("vcpu-service", vcpu);
        double awayS = (System.nanoTime() - toldNs) / NS_PER_S;
        vcpu = vcpu();
        processes.awaitServing("vcpu-service", vcpu, vcpuPort);
        long servesNs = System.nanoTime();
        assertThat(catchThrowable(cut::join))
                .rootCause()
                .satisfies(e -> assertThat(e).hasMessageContaining("NOT_FOUND"));
        assertThat(before.failures()).isSubsetOf(RAISED_TOO_LATE);

        RestartWatch after = new RestartWatch();
        Replay anew = new Replay(settings(AS_FAST_AS_THEY_END, FAULTS_OF_ONE_END), ReplayProgress.NONE, after);
        CompletableFuture<ReplayResult> load = CompletableFuture.supplyAsync(anew::run);
        awaitFurther(FURTHER_FAULTS, after::tokens, load);
        anew.finish();
        requireWhole(load.join());
        assertThat(after.failures()).isEmpty();
        System.out.printf(
                "vcpu-service: ended in %.2f s, %d faults told VM_GONE, the next one resolved %.2f s after it served again%n",
                awayS, before.failures().size(), (after.firstNs() - servesNs) / NS_PER_S);
    }

    private static void requireWhole(ReplayResult result) {
        assertThat(result.brokenInvariants()).isEmpty();
        assertThat(result.count(TerminalKind.FAILED)).isZero();
        assertThat(result.count(TerminalKind.RESOLVED_READY)).isPositive();
        ReplayResult.ReadBack readBack = Objects.requireNonNull(result.readBack());
        assertThat(readBack.wrong() + readBack.lost()).isZero();
    }

    private static void say(String service, RestartWatch watch) {
        System.out.printf(
                "%s: longest standstill of the guest %.2f s, of a vCPU %.2f s%n",
                service, watch.longestPauseNs() / NS_PER_S, watch.longestFaultNs() / NS_PER_S);
    }

    /** Waits until a count of a replay, which is to go on, has grown by so much. */
    private static void awaitFurther(long further, LongSupplier count, CompletableFuture<ReplayResult> replay) {
        long wanted = count.getAsLong() + further;
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(LOOK_MAX_S);
        while (count.getAsLong() < wanted) {
            if (replay.isDone()) {
                throw new AssertionError("the replay ended: "
                        + replay.handle((result, e) -> result == null ? e : result)
                                .join());
            }
            assertThat(deadlineNs - System.nanoTime())
                    .as("time left for %d to become %d", count.getAsLong(), wanted)
                    .isPositive();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
    }

    private static void endInOrder(String name, Process process) {
        ServiceProcesses.end(process);
        assertThat(process.exitValue()).as(name).isEqualTo(ENDED_BY_SIGTERM);
    }

    private Process pager(int number) {
        return processes.launch(
                "pager-" + number,
                "pager-service",
                pagerPorts[number],
                "--faultline.pager.store=redis://" + redis.address(),
                "--faultline.pager.dram-max-bytes=2097152",
                "--faultline.pager.compressed-max-bytes=1048576");
    }

    private Process notifier() {
        return processes.launch("notifier-service", "notifier-service", notifierPort, NO_AUDIT);
    }

    private Process vcpu() {
        return processes.launch(
                "vcpu-service",
                "vcpu-service",
                vcpuPort,
                NO_AUDIT,
                "--faultline.vcpu.pager-target=" + LOOPBACK + pagerPorts[0] + "," + LOOPBACK + pagerPorts[1],
                "--faultline.vcpu.notifier-target=" + LOOPBACK + notifierPort);
    }

    private ReplaySettings settings(int faultsPerSMax, int faultsMax) {
        return ReplaySettings.of(Path.of("../loadtest/traces/redis-swap.trace.gz"))
                .withServices(new ReplaySettings.Services(LOOPBACK + vcpuPort, LOOPBACK + notifierPort))
                .withVm(new ReplaySettings.Vm(1, 2, 1_024, PageSize.SIZE_4K))
                .withFaultsPerSMax(faultsPerSMax)
                .withFaultsMax(faultsMax)
                .withReconnectMax(RECONNECT_MAX)
                .withReadsBack(true);
    }
}
