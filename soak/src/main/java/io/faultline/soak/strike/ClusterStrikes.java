// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.strike;

import io.faultline.soak.network.Relay;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * Strikes against masters of the cluster and the network in front of them. A shard is hit when its replica is in step, for
 * what a master has acknowledged and not passed on dies with it, as Redis says. One thread.
 */
public final class ClusterStrikes implements Strikes {
    /*
     * A master that stands still is left for less than half the time after which the others think it dead, or until its
     * replica has taken over and clients have turned away from it. In between lies a gap of Redis's own: a master that wakes
     * just when it was succeeded acknowledges what waits in its sockets before it hears of that, and forgets it then.
     */
    private static final Range SHORT_STALL = new Range(100, 900);
    private static final Duration UNTIL_CLIENTS_TURNED_AWAY = Duration.ofSeconds(3);
    private static final Range BAD_NETWORK = new Range(500, 4_000);

    private final ClusterTarget cluster;
    private final Random random;
    private final StrikeDeck deck;

    /** Strikes against this cluster, in an order from a seed. */
    public ClusterStrikes(ClusterTarget cluster, long seed) {
        this.cluster = cluster;
        random = new Random(seed);
        deck = new StrikeDeck(
                List.of(
                        StrikeKind.MASTER_KILLED,
                        StrikeKind.MASTER_STALLED,
                        StrikeKind.MASTER_NETWORK_SLOW,
                        StrikeKind.MASTER_NETWORK_CUT,
                        StrikeKind.MASTER_NETWORK_SILENT),
                random);
    }

    @Override
    public Strike next() {
        int shard = random.nextInt(cluster.shards());
        int master = cluster.master(shard);
        StrikeKind kind = deck.draw();
        cluster.awaitInStep(shard);
        return switch (kind) {
            case MASTER_KILLED -> killed(shard, master);
            case MASTER_STALLED -> random.nextBoolean() ? paused(master) : succeeded(shard, master);
            case MASTER_NETWORK_SLOW ->
                NetworkStrike.slow(kind, name(master), relay(master), BAD_NETWORK.draw(random), random);
            case MASTER_NETWORK_CUT -> NetworkStrike.cut(kind, name(master), relay(master), BAD_NETWORK.draw(random));
            case MASTER_NETWORK_SILENT ->
                NetworkStrike.silent(kind, name(master), relay(master), BAD_NETWORK.draw(random), random);
            case PAGER_KILLED, PAGER_STALLED, PAGER_NETWORK_SLOW, PAGER_NETWORK_CUT, PAGER_NETWORK_SILENT ->
                throw new IllegalStateException("strike: " + kind + " (expected: one against a master)");
        };
    }

    private Relay relay(int server) {
        return cluster.relay(server);
    }

    private static String name(int server) {
        return "redis-" + server;
    }

    /** Its replica takes over; then it comes back and becomes the replica. */
    private Strike killed(int shard, int master) {
        return new ProcessStrike(
                StrikeKind.MASTER_KILLED,
                name(master),
                Duration.ZERO,
                () -> cluster.kill(master),
                () -> cluster.awaitTakeover(shard),
                () -> {
                    cluster.restart(master);
                    cluster.awaitInStep(shard);
                });
    }

    /** It goes on before anybody thinks it dead. */
    private Strike paused(int master) {
        return new ProcessStrike(
                StrikeKind.MASTER_STALLED,
                name(master),
                SHORT_STALL.draw(random),
                () -> cluster.freeze(master),
                () -> cluster.thaw(master));
    }

    /** It stands still until its replica has its place. */
    private Strike succeeded(int shard, int master) {
        return new ProcessStrike(
                StrikeKind.MASTER_STALLED,
                name(master),
                Duration.ZERO,
                () -> cluster.freeze(master),
                () -> cluster.awaitTakeover(shard),
                () -> {
                    LockSupport.parkNanos(UNTIL_CLIENTS_TURNED_AWAY.toNanos());
                    cluster.thaw(master);
                    cluster.awaitInStep(shard);
                });
    }
}
