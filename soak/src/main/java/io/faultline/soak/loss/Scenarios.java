// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.loss;

import io.faultline.soak.ServiceNode;
import io.faultline.soak.network.Direction;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** All losses that are tried. */
final class Scenarios {
    private static final Duration MOMENT = Duration.ofSeconds(1);
    private static final Duration FREEZE = Duration.ofSeconds(20);
    private static final Duration CUT = Duration.ofSeconds(5);
    private static final Duration SLOW = Duration.ofSeconds(10);
    private static final Duration SILENCE_OF_PAGER = Duration.ofSeconds(3);
    private static final Duration STEP = Duration.ofHours(1);
    private static final Duration DELAY = Duration.ofMillis(50);
    /** Longer than a host takes to decide on a machine that is busy with all of this. */
    private static final Duration NO_WAIT = Duration.ofSeconds(2);
    /** The notifier's time-out, faultline.vcpu.notifier-timeout-ms, and as long. */
    private static final Duration SILENCE = Duration.ofSeconds(5).plus(NO_WAIT);

    private static final Scenario.Promise PAGES_WAIT =
            new Scenario.Promise(true, Scenario.Audit.WHOLE, false, NO_WAIT, false);
    private static final Scenario.Promise FRAMES_WAIT =
            new Scenario.Promise(true, Scenario.Audit.WHOLE, false, null, false);
    private static final Scenario.Promise NOTHING_LACKS =
            new Scenario.Promise(true, Scenario.Audit.WHOLE, false, NO_WAIT, true);
    private static final Scenario.Promise VMS_END =
            new Scenario.Promise(false, Scenario.Audit.ENDS_OPEN, false, null, false);
    private static final Scenario.Promise WOKEN = new Scenario.Promise(true, Scenario.Audit.WHOLE, true, null, false);
    private static final Scenario.Promise WOKEN_AFTER_SILENCE =
            new Scenario.Promise(true, Scenario.Audit.WHOLE, true, SILENCE, true);
    private static final Scenario.Promise WOKEN_ENDS_OPEN =
            new Scenario.Promise(true, Scenario.Audit.ENDS_OPEN, true, NO_WAIT, true);
    private static final Scenario.Promise GAP_NAMED =
            new Scenario.Promise(true, Scenario.Audit.GAP_NAMED, false, NO_WAIT, true);

    private Scenarios() {}

    static List<Scenario> all() {
        return Stream.of(partsKilled(), partsFrozen(), disksFull(), networksLost(), clocksStepped())
                .flatMap(List::stream)
                .toList();
    }

    private static List<Scenario> partsKilled() {
        return List.of(
                killed("vcpu-kill", "vcpu-service killed", VMS_END, LossSystem::vcpu),
                killed("pager-kill", "pager-service killed", PAGES_WAIT, LossSystem::pager),
                killed("notifier-kill", "notifier-service killed", WOKEN_ENDS_OPEN, LossSystem::notifier),
                new Scenario(
                        "broker-kill",
                        "the Kafka broker killed",
                        Setup.PLAIN,
                        NOTHING_LACKS,
                        LossSystem::killBroker,
                        CUT,
                        LossSystem::restartBroker),
                new Scenario(
                        "redis-master-kill",
                        "a Redis master killed, its replica takes over",
                        Setup.REDIS,
                        PAGES_WAIT,
                        system -> system.redis().killMaster(),
                        Duration.ZERO,
                        system -> system.redis().awaitTakeover()),
                new Scenario(
                        "redis-kill",
                        "all six Redis servers killed (appendonly yes)",
                        Setup.REDIS,
                        PAGES_WAIT,
                        system -> system.redis().killAll(),
                        MOMENT,
                        system -> system.redis().restartAll()));
    }

    private static List<Scenario> partsFrozen() {
        return List.of(
                frozen("vcpu-freeze", "vcpu-service frozen for 20 s", WOKEN, LossSystem::vcpu),
                frozen("pager-freeze", "pager-service frozen for 20 s", PAGES_WAIT, LossSystem::pager),
                frozen(
                        "notifier-freeze",
                        "notifier-service frozen for 20 s",
                        WOKEN_AFTER_SILENCE,
                        LossSystem::notifier));
    }

    private static List<Scenario> disksFull() {
        return List.of(
                new Scenario(
                        "spool-disk-full",
                        "the broker killed and the disk under the audit's spool full",
                        Setup.disk(Setup.Volume.SPOOL),
                        GAP_NAMED,
                        system -> {
                            system.disk().fill();
                            system.killBroker();
                        },
                        SLOW,
                        system -> {
                            system.disk().free();
                            system.restartBroker();
                        }),
                new Scenario(
                        "rocksdb-disk-full",
                        "the disk under RocksDB full, and stores refused",
                        Setup.disk(Setup.Volume.ROCKSDB),
                        FRAMES_WAIT,
                        LossSystem::fillDiskUntilStoresAreRefused,
                        SLOW,
                        system -> system.disk().free()));
    }

    private static List<Scenario> networksLost() {
        return List.of(
                new Scenario(
                        "network-cut",
                        "every connection of every service cut for 5 s",
                        Setup.PLAIN,
                        WOKEN,
                        system -> system.nodes().forEach(node -> node.relay().cut()),
                        CUT,
                        system -> system.nodes().forEach(node -> node.relay().heal())),
                new Scenario(
                        "network-slow",
                        "50 ms for every 64 KiB on every connection for 10 s",
                        Setup.PLAIN,
                        NOTHING_LACKS,
                        system -> system.nodes().forEach(node -> node.relay().slow(DELAY)),
                        SLOW,
                        system -> system.nodes().forEach(node -> node.relay().heal())));
    }

    private static List<Scenario> clocksStepped() {
        return List.of(
                clockStepped("clock-forward", "forward", STEP), clockStepped("clock-back", "back", STEP.negated()));
    }

    private static Scenario killed(
            String name, String words, Scenario.Promise promise, Function<LossSystem, ServiceNode> part) {
        return new Scenario(
                name,
                words,
                Setup.PLAIN,
                promise,
                system -> part.apply(system).kill(),
                MOMENT,
                system -> part.apply(system).restart());
    }

    /* What the pager answers is held back meanwhile: so pages are under way for long enough to be taken for old. */
    private static Scenario clockStepped(String name, String direction, Duration step) {
        return new Scenario(
                name,
                "the wall clock of every service put " + direction
                        + " by an hour while the pager is not heard of for 3 s",
                Setup.CLOCK,
                PAGES_WAIT,
                system -> {
                    system.pager().relay().hold(EnumSet.allOf(Direction.class));
                    system.clock().step(step);
                },
                SILENCE_OF_PAGER,
                system -> system.pager().relay().heal());
    }

    private static Scenario frozen(
            String name, String words, Scenario.Promise promise, Function<LossSystem, ServiceNode> part) {
        return new Scenario(
                name,
                words,
                Setup.PLAIN,
                promise,
                system -> part.apply(system).freeze(),
                FREEZE,
                system -> part.apply(system).thaw());
    }
}
