// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.loss;

import io.faultline.audit.AuditTrail;
import io.faultline.audit.verify.AuditReport;
import io.faultline.loadtest.ReplayOutput;
import io.faultline.loadtest.replay.ReplayResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One loss: a system, guests that write, the loss and the return, and the judgement. Every wait is bounded. One use. */
final class LossRun {
    private static final int GUESTS = 2;
    /** Longer than any part stays away, and how long guests try to connect and fetches are repeated. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private static final Duration END = Duration.ofMinutes(2);
    private static final long FAULTS_BEFORE = 1_000;
    private static final long FAULTS_AFTER = 2_000;
    private static final long LOOK_NS = 2_000_000;
    private static final double NS_PER_S = 1e9;

    private final Scenario scenario;
    private final Path home;
    private final Path directory;
    private final Consumer<String> says;
    private final List<LossGuest> guests = new ArrayList<>();
    private final List<String> broken = new ArrayList<>();

    LossRun(Scenario scenario, Path home, Path directory, Consumer<String> says) {
        this.scenario = scenario;
        this.home = home;
        this.directory = directory;
        this.says = says;
    }

    /** What was measured of a loss. */
    private record Times(int inFlight, long lostNs, long backNs, long lastNs) {}

    LossResult run() throws IOException, InterruptedException {
        try (LossSystem system = LossSystem.start(home, directory, scenario.setup(), says)) {
            says.accept("Guests begin");
            IntStream.range(0, GUESTS)
                    .forEach(place -> guests.add(LossGuest.start(home, system.services(), place, PATIENCE)));
            @Nullable Times times = null;
            try {
                times = lose(system);
            } catch (IllegalStateException e) {
                broken.add(String.valueOf(e.getMessage()));
            }
            end(times == null);
            write(directory.resolve("logs/guests.log"));
            system.endPlanes();
            boolean mayBeOpen = scenario.promise().audit() != Scenario.Audit.WHOLE;
            AuditReport audit = ReplayOutput.verify(system.bootstrap(), AuditTrail.DEFAULT_TOPIC, mayBeOpen);
            broken.addAll(LossJudge.guests(scenario.promise(), guests));
            broken.addAll(LossJudge.audit(scenario.promise().audit(), audit));
            return new LossResult(
                    scenario.name(), scenario.words(), null, times == null ? null : figures(times), audit, broken);
        } finally {
            guests.forEach(LossGuest::stop);
        }
    }

    private Times lose(LossSystem system) {
        await(
                "faults before the loss",
                PATIENCE,
                () -> all(guest -> guest.watch().faults() >= FAULTS_BEFORE));
        says.accept("Losing: " + scenario.words());
        scenario.lose().accept(system);
        long lostNs = System.nanoTime();
        int inFlight = guests.stream().mapToInt(guest -> guest.watch().await()).sum();
        LockSupport.parkNanos(scenario.away().toNanos());
        scenario.restore().accept(system);
        long backNs = System.nanoTime();
        says.accept("Back after %.1f s".formatted((backNs - lostNs) / NS_PER_S));
        // What was begun meanwhile counts as well: nothing that a guest did before the return may be left.
        long lastNs = guests.stream()
                .mapToLong(guest -> guest.watch().lastAwaitedNs())
                .max()
                .orElse(lostNs);
        int left = guests.stream().mapToInt(guest -> guest.watch().await()).sum();
        await(
                "the last access begun before the return",
                PATIENCE,
                () -> all(guest -> guest.watch().awaited() == 0));
        if (left > 0) {
            lastNs = guests.stream()
                    .mapToLong(guest -> guest.watch().lastAwaitedNs())
                    .max()
                    .orElse(backNs);
        }
        List<Long> faults = guests.stream().map(guest -> guest.watch().faults()).toList();
        await(
                "faults after the return",
                PATIENCE,
                () -> IntStream.range(0, GUESTS)
                        .allMatch(i -> guests.get(i).watch().faults() >= faults.get(i) + FAULTS_AFTER));
        return new Times(inFlight, lostNs, backNs, lastNs);
    }

    private void end(boolean isBroken) throws InterruptedException {
        says.accept("Reading back");
        guests.forEach(isBroken ? LossGuest::stop : LossGuest::finish);
        for (LossGuest guest : guests) {
            if (!guest.await(END)) {
                guest.stop();
                guest.await(END);
                broken.add("VM " + guest.vmId() + " does not end within " + END.toSeconds() + " s");
            }
        }
    }

    /** What guests noted, for a person who wonders. */
    private void write(Path file) throws IOException {
        List<String> lines = new ArrayList<>();
        for (LossGuest guest : guests) {
            guest.deaths().forEach(death -> lines.add("VM " + guest.vmId() + ": " + death));
            ReplayResult result = guest.result();
            if (result != null) {
                result.notes().forEach(note -> lines.add("VM " + guest.vmId() + ": " + note));
                lines.add("VM " + guest.vmId() + ": " + result);
            }
        }
        Files.write(file, lines);
    }

    private boolean all(Predicate<LossGuest> what) {
        return guests.stream().allMatch(what);
    }

    private void await(String what, Duration timeout, BooleanSupplier holds) {
        long deadlineNs = System.nanoTime() + timeout.toNanos();
        while (!holds.getAsBoolean()) {
            if (!all(LossGuest::isAlive)) {
                throw new IllegalStateException("a guest ended while it was waited for " + what);
            }
            if (System.nanoTime() - deadlineNs > 0) {
                throw new IllegalStateException(what + ": not within " + timeout.toSeconds() + " s");
            }
            LockSupport.parkNanos(LOOK_NS);
        }
    }

    private LossResult.Figures figures(Times times) {
        List<ReplayResult> results = guests.stream()
                .map(LossGuest::result)
                .filter(Objects::nonNull)
                .map(Objects::requireNonNull)
                .toList();
        return new LossResult.Figures(
                guests.stream().mapToLong(guest -> guest.watch().faults()).sum(),
                times.inFlight,
                guests.stream().mapToLong(guest -> guest.watch().told()).sum(),
                (times.backNs - times.lostNs) / NS_PER_S,
                (times.lastNs - times.lostNs) / NS_PER_S,
                Math.max(0, (times.lastNs - times.backNs) / NS_PER_S),
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
