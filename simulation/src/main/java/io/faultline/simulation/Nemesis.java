// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation;

import io.faultline.simulation.engine.Chance;
import io.faultline.simulation.guest.Guest;
import io.faultline.simulation.plane.FaultPlane;
import io.faultline.simulation.plane.NotificationPlane;
import io.faultline.simulation.plane.PagePlane;
import io.faultline.simulation.plane.Rival;
import io.faultline.simulation.plane.SwapStoreModel;
import io.faultline.simulation.plane.World;

/** What strikes the platform while a run lasts, at random times. Stops when told, and then everything is repaired. One thread. */
final class Nemesis {
    private static final long MS = 1_000_000;

    private final World world;
    private final FaultPlane faultPlane;
    private final NotificationPlane notifier;
    private final PagePlane pager;
    private final SwapStoreModel store;
    private final Fleet fleet;
    private final Rival rival;
    private final long calmMostNs;
    private boolean stopped;

    Nemesis(
            World world,
            FaultPlane faultPlane,
            NotificationPlane notifier,
            PagePlane pager,
            SwapStoreModel store,
            Fleet fleet,
            Rival rival,
            long calmMostNs) {
        this.world = world;
        this.faultPlane = faultPlane;
        this.notifier = notifier;
        this.pager = pager;
        this.store = store;
        this.fleet = fleet;
        this.rival = rival;
        this.calmMostNs = calmMostNs;
    }

    void start() {
        world.timeline().after(world.chance().between(MS, 10 * MS), this::blow);
    }

    /** Strikes no more, and the store works. */
    void stop() {
        stopped = true;
        store.failing(false);
        store.slow(false);
        notifier.areasAccessible(true);
        rival.stop();
    }

    private void blow() {
        if (stopped) {
            return;
        }
        Chance chance = world.chance();
        int kind = chance.below(110);
        if (kind < 30) {
            breakStream();
        } else if (kind < 38) {
            killNotifier();
        } else if (kind < 46) {
            killPager();
        } else if (kind < 48) {
            killFaultPlane();
        } else if (kind < 60) {
            troubleStore();
        } else if (kind < 68) {
            store.harm();
        } else if (kind < 76) {
            for (int i = chance.below(8); i >= 0; i--) {
                faultPlane.prefetchAny(fleet.pageSize());
            }
        } else if (kind < 86) {
            for (int i = chance.below(8); i >= 0; i--) {
                fleet.any().hostAccess();
            }
        } else if (kind < 93) {
            fleet.any().changeMemslot();
        } else if (kind < 97) {
            fleet.any().resetVcpu();
        } else if (kind < 99) {
            replaceVm();
        } else if (kind < 106) {
            fleet.any().migrateVcpu();
        } else if (kind < 109) {
            takeAreasAway();
        }
        world.timeline().after(chance.between(0, calmMostNs), this::blow);
    }

    private void breakStream() {
        switch (world.chance().below(5)) {
            case 0 -> {
                did("stream faults-notifier cut");
                faultPlane.cut(true);
            }
            case 1 -> {
                did("stream faults-pager cut");
                faultPlane.cut(false);
            }
            default -> {
                Guest guest = fleet.any().guest();
                if (guest != null) {
                    boolean ofNotifications = world.chance().onceIn(2);
                    did(ofNotifications ? "stream guest-notifier cut" : "stream guest-faults cut");
                    guest.cut(ofNotifications);
                }
            }
        }
    }

    private void killNotifier() {
        if (notifier.isUp()) {
            did("notifier killed");
            notifier.crash();
            world.timeline().after(world.chance().between(MS, 50 * MS), notifier::start);
        }
    }

    private void killPager() {
        if (pager.isUp()) {
            did("pager killed");
            pager.crash();
            world.timeline().after(world.chance().between(MS, 50 * MS), pager::start);
        }
    }

    private void killFaultPlane() {
        if (faultPlane.isUp()) {
            did("fault plane killed");
            faultPlane.crash();
            fleet.lost();
            world.timeline().after(world.chance().between(MS, 50 * MS), faultPlane::start);
        }
    }

    private void replaceVm() {
        Fleet.Machine machine = fleet.any();
        if (machine.vm() != null) {
            did("VM unregistered");
            machine.replace();
        }
    }

    /** The memory that guests' shared areas lie in cannot be accessed for a while. */
    private void takeAreasAway() {
        did("shared areas inaccessible");
        notifier.areasAccessible(false);
        world.timeline().after(world.chance().between(MS, 50 * MS), () -> notifier.areasAccessible(true));
    }

    private void troubleStore() {
        boolean failing = world.chance().onceIn(2);
        did(failing ? "store failing" : "store slow");
        if (failing) {
            store.failing(true);
        } else {
            store.slow(true);
        }
        world.timeline().after(world.chance().between(2 * MS, 300 * MS), () -> {
            if (failing) {
                store.failing(false);
            } else {
                store.slow(false);
            }
        });
    }

    private void did(String what) {
        world.tally().count("nemesis", what);
        world.journal().note("nemesis: " + what);
    }
}
