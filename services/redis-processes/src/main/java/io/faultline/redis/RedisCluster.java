// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.models.partitions.ClusterPartitionParser;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Six servers on loopback: three masters that share the hash slots evenly, and a replica of each. For one thread. */
public final class RedisCluster implements AutoCloseable {
    /** How many masters there are. */
    public static final int MASTERS = 3;

    private static final int NODE_TIMEOUT_MS = 1_000;
    private static final Duration FORM_TIMEOUT = Duration.ofSeconds(30);

    private final RedisClient client = RedisClient.create();
    private final List<RedisServer> servers = new ArrayList<>();
    private final List<StatefulRedisConnection<String, String>> connections = new ArrayList<>();
    private final List<String> ids = new ArrayList<>();

    private RedisCluster() {}

    /** Starts the servers and waits until the cluster serves every slot and every replica is in step. */
    public static RedisCluster start(Path directory) {
        return start(directory, IntUnaryOperator.identity());
    }

    /**
     * Starts a cluster whose servers are to be reached through something else: clients and replicas are sent there, while
     * the servers' talk about each other goes straight.
     *
     * @param announced gives for a server's port the one to say that it has
     * @param settings as {@link RedisServer#start}
     */
    public static RedisCluster start(Path directory, IntUnaryOperator announced, String... settings) {
        RedisCluster cluster = new RedisCluster();
        try {
            for (int i = 0; i < 2 * MASTERS; i++) {
                cluster.startServer(directory, announced, settings);
            }
            cluster.form();
            return cluster;
        } catch (RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    private void startServer(Path directory, IntUnaryOperator announced, String... more) {
        int port = RedisServer.freePort();
        List<String> settings = new ArrayList<>(List.of(
                "--cluster-enabled",
                "yes",
                "--cluster-config-file",
                "nodes-" + port + ".conf",
                "--cluster-node-timeout",
                Integer.toString(NODE_TIMEOUT_MS),
                "--cluster-announce-port",
                Integer.toString(announced.applyAsInt(port)),
                "--dbfilename",
                "dump-" + port + ".rdb",
                "--appendfilename",
                "appendonly-" + port + ".aof",
                "--repl-diskless-sync-delay",
                "0"));
        settings.addAll(List.of(more));
        RedisServer server = RedisServer.start(directory, port, settings.toArray(String[]::new));
        servers.add(server);
        connections.add(server.connect(client));
        ids.add(ask(servers.size() - 1).clusterMyId());
    }

    private void form() {
        for (int i = 0; i < servers.size(); i++) {
            ask(i).clusterSetConfigEpoch(i + 1L);
            if (i < MASTERS) {
                ask(i).clusterAddSlots(slots(i));
            }
            ask(0).clusterMeet("127.0.0.1", servers.get(i).port());
        }
        Conditions.await("nodes that know each other", FORM_TIMEOUT, this::knowEachOther);
        for (int i = 0; i < MASTERS; i++) {
            ask(MASTERS + i).clusterReplicate(ids.get(i));
        }
        Conditions.await(
                "a cluster that serves",
                FORM_TIMEOUT,
                () -> IntStream.range(0, servers.size())
                        .allMatch(i -> ask(i).clusterInfo().contains("cluster_state:ok")));
        Conditions.await(
                "replicas in step",
                FORM_TIMEOUT,
                () -> IntStream.range(MASTERS, servers.size()).allMatch(this::hasItsMaster));
    }

    private boolean hasItsMaster(int server) {
        return ask(server).info("replication").contains("master_link_status:up");
    }

    private boolean knowEachOther() {
        return IntStream.range(0, servers.size()).allMatch(i -> {
            String nodes = ask(i).clusterNodes();
            return nodes.lines().filter(line -> line.contains(" connected")).count() == servers.size()
                    && !nodes.contains("handshake");
        });
    }

    private static int[] slots(int master) {
        return IntStream.range(0, SlotHash.SLOT_COUNT)
                .filter(slot -> slot * MASTERS / SlotHash.SLOT_COUNT == master)
                .toArray();
    }

    /** The servers: the masters of the beginning, then their replicas in the same order. */
    public List<RedisServer> servers() {
        return List.copyOf(servers);
    }

    /** The first address of each server, {@code host:port,host:port…}. */
    public String addresses() {
        return servers.stream().map(RedisServer::address).collect(Collectors.joining(","));
    }

    /** Commands of one server, on a connection of its own; for a running server. */
    public RedisCommands<String, String> ask(int server) {
        return connections.get(server).sync();
    }

    /** How many keys each of the first three servers holds. */
    public List<Long> keysOfMasters() {
        return IntStream.range(0, MASTERS).mapToObj(i -> ask(i).dbsize()).toList();
    }

    /** Waits until no replica lags behind what its master has written so far. */
    public void awaitReplicas() {
        for (int i = 0; i < MASTERS; i++) {
            awaitInStep(i, i + MASTERS);
        }
    }

    /** Waits until a server is the replica of another and has all that this one has written so far. */
    public void awaitInStep(int master, int replica) {
        Conditions.await(nameOf(replica) + " as a replica", FORM_TIMEOUT, () -> hasItsMaster(replica));
        long written = replicationFact(master, "master_repl_offset");
        Conditions.await(
                nameOf(replica) + " in step with " + nameOf(master),
                FORM_TIMEOUT,
                () -> replicationFact(replica, "slave_repl_offset") >= written);
    }

    /** Waits until a server is a master that serves, as a replica is once its master was voted dead. */
    public void awaitMaster(int server) {
        Conditions.await(
                nameOf(server) + " as a master",
                FORM_TIMEOUT,
                () -> ask(server).info("replication").contains("role:master")
                        && ask(server).clusterInfo().contains("cluster_state:ok"));
    }

    /** Starts a server that was killed; it comes back with what it kept on disk, and as a replica if its own had taken over. */
    public void restart(int server) {
        connections.get(server).close();
        servers.get(server).start();
        connections.set(server, servers.get(server).connect(client));
    }

    private long replicationFact(int server, String name) {
        String found = ask(server)
                .info("replication")
                .lines()
                .filter(line -> line.startsWith(name + ":"))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(nameOf(server) + ": no " + name));
        return Long.parseLong(found.substring(name.length() + 1).strip());
    }

    private String nameOf(int server) {
        return "the server on port " + servers.get(server).port();
    }

    /** Moves a hash slot and its keys from one of the first three servers to another. */
    public void moveSlot(int slot, int from, int to) {
        beginMove(slot, from, to);
        List<String> keys = ask(from).clusterGetKeysInSlot(slot, Integer.MAX_VALUE);
        keys.forEach(key -> moveKey(key, from, to));
        endMove(slot, to);
    }

    /** Begins to move a slot: from now on its keys are on either server. */
    public void beginMove(int slot, int from, int to) {
        Conditions.await("servers that agree on who owns what", FORM_TIMEOUT, this::agreeOnOwners);
        ask(to).clusterSetSlotImporting(slot, ids.get(from));
        ask(from).clusterSetSlotMigrating(slot, ids.get(to));
    }

    /** Moves one key of a slot that is being moved. */
    public void moveKey(String key, int from, int to) {
        ask(from).migrate("127.0.0.1", servers.get(to).port(), key, 0, FORM_TIMEOUT.toMillis());
    }

    /** Ends the move of a slot; its new owner hears of it first, or both could end up pointing at each other. */
    public void endMove(int slot, int to) {
        ask(to).clusterSetSlotNode(slot, ids.get(to));
        for (int i = 0; i < MASTERS; i++) {
            if (i != to) {
                ask(i).clusterSetSlotNode(slot, ids.get(to));
            }
        }
    }

    /** What each server believes of a slot and of the cluster, for a person who wonders who is wrong. */
    public String viewsOf(int slot) {
        StringBuilder views = new StringBuilder();
        for (int i = 0; i < servers.size(); i++) {
            views.append(System.lineSeparator())
                    .append(servers.get(i).address())
                    .append(": slot ")
                    .append(slot)
                    .append(" is at ")
                    .append(ownerOf(slot, i))
                    .append(System.lineSeparator())
                    .append(ask(i).clusterNodes());
        }
        return views.toString();
    }

    private String ownerOf(int slot, int server) {
        return ClusterPartitionParser.parse(ask(server).clusterNodes()).stream()
                .filter(node -> node.hasSlot(slot))
                .map(RedisClusterNode::getNodeId)
                .findFirst()
                .orElse("nobody");
    }

    /*
     * Whoever takes a slot raises its configuration epoch above all that it knows of, and of two that claim a slot the
     * higher epoch wins. So a move must not begin before its new owner knows everyone's epoch: the old owner, whose last
     * claim may still be on its way, would win, and the two would point at each other for ever. Nor before everyone, replicas
     * too, knows the slots of the last move: who still takes a slot for its former owner's, and knows that one's next epoch,
     * tells the new owner that it lost the slot.
     */
    private boolean agreeOnOwners() {
        return IntStream.range(0, servers.size())
                        .mapToObj(this::ownersSeenBy)
                        .distinct()
                        .count()
                == 1;
    }

    private Map<String, Owner> ownersSeenBy(int server) {
        return ClusterPartitionParser.parse(ask(server).clusterNodes()).stream()
                .filter(node -> ids.indexOf(node.getNodeId()) < MASTERS)
                .collect(Collectors.toMap(
                        RedisClusterNode::getNodeId, node -> new Owner(node.getConfigEpoch(), node.getSlots())));
    }

    private record Owner(long configEpoch, List<Integer> slots) {}

    /** Ends the servers. */
    @Override
    public void close() {
        client.shutdown();
        servers.forEach(RedisServer::close);
    }
}
