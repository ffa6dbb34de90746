// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.loss;

import io.faultline.audit.AuditTrail;
import io.faultline.audit.verify.AuditReport;
import io.faultline.loadtest.ReplayOutput;
import io.faultline.loadtest.replay.ReplayResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One loss: a system, guests that write, the loss and the return, and the judgement. Every wait is bounded. One use. */
final class LossRun {
    private static final long FAULTS_BEFORE = 1_000;
    /** Of each guest: by the slowest network the host decides of three a second and vCPU. */
    private static final long FAULTS_MEANWHILE = 10;

    private static final long FAULTS_AFTER = 2_000;
    private static final long TOKENS_AFTER = 100;
    private static final double NS_PER_S = 1e9;

    private final Scenario scenario;
    private final Path home;
    private final Path directory;
    private final Consumer<String> says;
    private final List<String> broken = new ArrayList<>();

    LossRun(Scenario scenario, Path home, Path directory, Consumer<String> says) {
        this.scenario = scenario;
        this.home = home;
        this.directory = directory;
        this.says = says;
    }

    /** What was measured of a loss. */
    private record Times(long inFlight, long lostNs, long backNs, long lastNs) {}

    LossResult run() throws IOException, InterruptedException {
        try (LossSystem system = LossSystem.start(home, directory, scenario.setup(), says)) {
            says.accept("Guests begin");
            try (LossGuests guests = LossGuests.start(home, system.services())) {
                return run(system, guests);
            }
        }
    }

    private LossResult run(LossSystem system, LossGuests guests) throws IOException, InterruptedException {
        @Nullable Times times = null;
        try {
            times = lose(system, guests);
        } catch (IllegalStateException e) {
            broken.add(String.valueOf(e.getMessage()));
        }
        says.accept("Reading back");
        broken.addAll(guests.end(times == null));
        guests.write(directory.resolve("logs/guests.log"));
        system.endPlanes();
        boolean mayBeOpen = scenario.promise().audit() != Scenario.Audit.WHOLE;
        AuditReport audit = ReplayOutput.verify(system.bootstrap(), AuditTrail.DEFAULT_TOPIC, mayBeOpen);
        broken.addAll(LossJudge.guests(scenario.promise(), guests.each()));
        broken.addAll(LossJudge.audit(scenario.promise().audit(), audit));
        return new LossResult(
                scenario.name(), scenario.words(), null, times == null ? null : figures(times, guests), audit, broken);
    }

    private Times lose(LossSystem system, LossGuests guests) {
        guests.awaitMore("faults before the loss", FAULTS_BEFORE, LossWatch::faults);
        says.accept("Losing: " + scenario.words());
        scenario.lose().accept(system);
        long lostNs = System.nanoTime();
        List<Long> faultsBefore = guests.counts(LossWatch::faults);
        long inFlight = guests.sum(LossWatch::await);
        LockSupport.parkNanos(scenario.away().toNanos());
        scenario.restore().accept(system);
        long backNs = System.nanoTime();
        requireMeanwhile(guests, faultsBefore);
        says.accept("Back after %.1f s".formatted((backNs - lostNs) / NS_PER_S));
        // What was begun meanwhile counts as well: nothing that a guest did before the return may be left.
        long lastNs = guests.most(LossWatch::lastAwaitedNs);
        long left = guests.sum(LossWatch::await);
        guests.awaitDone("the last access begun before the return");
        if (left > 0) {
            lastNs = guests.most(LossWatch::lastAwaitedNs);
        }
        guests.awaitMore("faults after the return", FAULTS_AFTER, LossWatch::faults);
        guests.awaitMore("faults that go asynchronous after the return", TOKENS_AFTER, LossWatch::tokens);
        return new Times(inFlight, lostNs, backNs, lastNs);
    }

    private void requireMeanwhile(LossGuests guests, List<Long> before) {
        List<Long> now = guests.counts(LossWatch::faults);
        for (int i = 0; scenario.promise().goesOn() && i < now.size(); i++) {
            long meanwhile = now.get(i) - before.get(i);
            if (meanwhile < FAULTS_MEANWHILE) {
                broken.add("VM %d: %d faults ended meanwhile (expected: at least %d)"
                        .formatted(guests.each().get(i).vmId(), meanwhile, FAULTS_MEANWHILE));
            }
        }
    }

    private static LossResult.Figures figures(Times times, LossGuests guests) {
        List<ReplayResult> results = guests.results();
        return new LossResult.Figures(
                guests.sum(LossWatch::faults),
                times.inFlight,
                guests.sum(LossWatch::told),
                (times.backNs - times.lostNs) / NS_PER_S,
                (times.lastNs - times.lostNs) / NS_PER_S,
                Math.max(0, (times.lastNs - times.backNs) / NS_PER_S),
                guests.most(LossWatch::longestStandstillNs) / NS_PER_S,
                results.stream()
                        .mapToLong(result -> result.notifications().wakeAll())
                        .sum(),
                results.stream()
                        .map(ReplayResult::readBack)
                        .filter(Objects::nonNull)
                        .mapToLong(readBack -> Objects.requireNonNull(readBack).pages())
                        .sum());
    }
}
