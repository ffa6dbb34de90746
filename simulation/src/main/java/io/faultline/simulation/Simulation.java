// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation;

import io.faultline.pager.domain.PagerStats;
import io.faultline.simulation.check.Invariant;
import io.faultline.simulation.check.InvariantViolation;
import io.faultline.simulation.check.ReadyPages;
import io.faultline.simulation.check.Tally;
import io.faultline.simulation.engine.Chance;
import io.faultline.simulation.engine.Journal;
import io.faultline.simulation.engine.Network;
import io.faultline.simulation.engine.Timeline;
import io.faultline.simulation.guest.Guest;
import io.faultline.simulation.message.Taps;
import io.faultline.simulation.plane.FaultPlane;
import io.faultline.simulation.plane.Limits;
import io.faultline.simulation.plane.NotificationPlane;
import io.faultline.simulation.plane.PagePlane;
import io.faultline.simulation.plane.Rival;
import io.faultline.simulation.plane.SimulatedVmView;
import io.faultline.simulation.plane.SwapStoreModel;
import io.faultline.simulation.plane.World;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One run of the whole platform from one seed: a rough time of so many steps, then repair, and then everything must come to
 * rest with nothing wrong, lost or left behind. One use, one thread.
 */
public final class Simulation {
    private static final long S = 1_000_000_000;
    /** How long after the rough time everything may take to come to rest, in virtual time and in steps. */
    private static final long REST_MAX_NS = 300 * S;

    private static final long REST_MAX_STEPS = 2_000_000;
    private static final int STEPS_BETWEEN_LOOKS = 8;

    /** When the store of a crowded run turns slow: its memory has been written by then. */
    private static final long CROWDED_CRAWLS_FROM_NS = 20_000_000;

    private final long seed;
    private final long roughSteps;
    private final Timeline timeline = new Timeline();
    private final Journal journal;
    private final Shape shape;
    private final World world;
    private final SwapStoreModel store;
    private final PagePlane pager;
    private final NotificationPlane notifier;
    private final FaultPlane faultPlane;
    private final Fleet fleet;
    private final Rival rival;
    private final Nemesis nemesis;

    /**
     * A run that has not begun.
     *
     * @param seed decides everything
     * @param roughSteps steps of the rough time
     * @param linesKept last lines of the journal that the result has
     * @param taps open, but for the bugs of a test
     */
    public Simulation(long seed, long roughSteps, int linesKept, Taps taps) {
        this.seed = seed;
        this.roughSteps = roughSteps;
        Chance chance = new Chance(seed);
        journal = new Journal(timeline, linesKept);
        Limits limits = Limits.draw(chance);
        shape = Shape.draw(chance);
        Network network = new Network(timeline, chance, journal);
        world = new World(network, taps, new Tally(), new ReadyPages(), limits);
        store = new SwapStoreModel(world);
        pager = new PagePlane(world, store);
        notifier = new NotificationPlane(world);
        faultPlane = new FaultPlane(world, notifier, pager, store);
        fleet = new Fleet(world, faultPlane, notifier, shape);
        rival = new Rival(world, notifier);
        nemesis = new Nemesis(world, faultPlane, notifier, pager, store, fleet, rival, shape.calmMostNs());
        journal.note("seed " + seed + ": " + shape + ", " + limits);
    }

    /** Runs it to its end or to the first invariant that does not hold. */
    public RunResult run() {
        try {
            play();
            return result(null, "");
        } catch (InvariantViolation violation) {
            return result(violation.invariant(), String.valueOf(violation.getMessage()));
        } catch (IllegalStateException
                | IllegalArgumentException
                | IndexOutOfBoundsException
                | NullPointerException e) {
            // A domain that refuses what it was handed, or breaks, has a bug as well.
            StackTraceElement[] trace = e.getStackTrace();
            return result(null, e + (trace.length == 0 ? "" : " at " + trace[0]));
        }
    }

    private void play() {
        notifier.start();
        pager.start();
        faultPlane.start();
        fleet.start();
        nemesis.start();
        if (shape.rival()) {
            rival.start();
        }
        if (shape.crowded()) {
            timeline.after(CROWDED_CRAWLS_FROM_NS, () -> {
                store.crawl();
                pager.crash();
                pager.start();
            });
        }
        while (timeline.steps() < roughSteps && timeline.step()) {
            // Each step checks what it touches.
        }
        journal.note("the rough time is over");
        nemesis.stop();
        fleet.behave();
        run(this::isAtRest);
        fleet.readEverything();
        run(this::isAtRest);
        fleet.close();
        run(this::isForgotten);
        requireForgotten();
    }

    private void run(BooleanSupplier atRest) {
        long endNs = timeline.nowNs() + REST_MAX_NS;
        long endSteps = timeline.steps() + REST_MAX_STEPS;
        while (!atRest.getAsBoolean()) {
            for (int i = 0; i < STEPS_BETWEEN_LOOKS; i++) {
                timeline.step();
            }
            if (timeline.nowNs() > endNs || timeline.steps() > endSteps) {
                throw unrest();
            }
        }
    }

    private boolean isAtRest() {
        if (!faultPlane.isQuiet() || notifier.tokensOutstanding() > 0 || !isPagerQuiet()) {
            return false;
        }
        for (Fleet.Machine machine : fleet.machines()) {
            Guest guest = machine.guest();
            SimulatedVmView vm = machine.vm();
            if (guest == null
                    || vm == null
                    || !guest.isResting()
                    || !guest.isOn()
                    || !vm.isQuiet()
                    || vm.works() != 0) {
                return false;
            }
        }
        return true;
    }

    private boolean isPagerQuiet() {
        PagerStats stats = pager.stats();
        return stats != null
                && stats.loadsInFlight() == 0
                && stats.loadsQueued() == 0
                && stats.storesInFlight() == 0
                && stats.deflationsInFlight() == 0;
    }

    private boolean isForgotten() {
        return faultPlane.hasDropped() && notifier.vcpus() == 0 && isPagerQuiet() && store.size() == 0;
    }

    private void requireForgotten() {
        PagerStats stats = pager.stats();
        if (stats != null && stats.dram().bytes() != 0) {
            throw new InvariantViolation(
                    Invariant.L3, "pager: " + stats.dram().bytes() + " bytes of DRAM held for no VM");
        }
        if (stats != null && stats.compressed().pages() != 0) {
            throw new InvariantViolation(
                    Invariant.L3, "pager: " + stats.compressed().pages() + " compressed pages held for no VM");
        }
    }

    private InvariantViolation unrest() {
        for (Fleet.Machine machine : fleet.machines()) {
            SimulatedVmView vm = machine.vm();
            Guest guest = machine.guest();
            if (vm != null && !vm.isQuiet()) {
                return new InvariantViolation(Invariant.L1, vm.faultsInFlight() + guest);
            }
            if (guest != null && guest.parked() > 0) {
                return new InvariantViolation(Invariant.L2, guest.toString() + "; " + notifier.untold());
            }
            if (vm != null && vm.works() != 0) {
                return new InvariantViolation(Invariant.L3, "vm " + vm.spec().vmId() + " has " + vm.works() + " works");
            }
            if (guest != null && !guest.isOn()) {
                return new InvariantViolation(Invariant.L4, guest.toString());
            }
        }
        boolean ended = fleet.machines().stream().allMatch(machine -> machine.guest() == null);
        return new InvariantViolation(
                ended ? Invariant.L3 : Invariant.L5,
                "faults: " + faultPlane.waitsFor() + "; notifier: " + notifier.vcpus() + " vCPUs, " + notifier.untold()
                        + "; pager: " + pager.stats() + "; store: " + store.size() + " pages; guests: "
                        + fleet.machines().stream()
                                .map(machine -> String.valueOf(machine.guest()))
                                .toList());
    }

    private RunResult result(@Nullable Invariant broken, String failure) {
        return new RunResult(
                seed,
                timeline.steps(),
                timeline.nowNs(),
                journal.digest(),
                world.tally(),
                broken,
                failure,
                failure.isEmpty() ? java.util.List.of() : journal.last());
    }
}
