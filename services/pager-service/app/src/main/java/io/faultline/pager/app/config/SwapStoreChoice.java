// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.config;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The swap store that a user asks for, as {@code faultline.pager.store} names it. */
public sealed interface SwapStoreChoice {
    /** What {@link #of} takes, for a person to read. */
    String EXPECTED = "rocksdb, memory, redis://HOST:PORT[/DB] or redis-cluster://HOST:PORT[,HOST:PORT…];"
            + " rediss:// and rediss-cluster:// with TLS";

    /**
     * Reads a user's choice. Spring binds settings by this method's name.
     *
     * @throws IllegalArgumentException saying what was given and what is allowed; never repeats credentials
     */
    static SwapStoreChoice of(String text) {
        return switch (text) {
            case "memory", "MEMORY" -> new Memory();
            case "rocksdb", "ROCKSDB" -> new RocksDb();
            default -> Redis.of(text);
        };
    }

    /** On the heap; gone with the process. */
    record Memory() implements SwapStoreChoice {
        @Override
        public String toString() {
            return "memory";
        }
    }

    /** In an embedded RocksDB; survives a restart. */
    record RocksDb() implements SwapStoreChoice {
        @Override
        public String toString() {
            return "rocksdb";
        }
    }

    /**
     * In a Redis or Valkey server, or a cluster of them.
     *
     * @param isCluster whether the nodes are some of a cluster's, which names the others, rather than one server
     * @param isTls whether connections are encrypted and the servers' certificates verified
     * @param nodes where to connect first, one at least; exactly one without a cluster
     * @param database the number of the logical database, 0 in a cluster
     */
    record Redis(boolean isCluster, boolean isTls, List<Node> nodes, int database) implements SwapStoreChoice {
        private static final Pattern URL =
                Pattern.compile("(redis|rediss|redis-cluster|rediss-cluster)://([^/]+)(/.*)?");
        private static final Pattern DATABASE = Pattern.compile("/(\\d{1,9})");

        /** Keeps its own copy of the nodes. */
        public Redis {
            nodes = List.copyOf(nodes);
        }

        private static Redis of(String text) {
            if (text.contains("@")) {
                throw new IllegalArgumentException("swap store: a URL with credentials (expected: none in"
                        + " it; they go into PAGER_REDIS_USERNAME and PAGER_REDIS_PASSWORD)");
            }
            Matcher url = URL.matcher(text);
            if (!url.matches()) {
                throw unexpected(text);
            }
            boolean isCluster = url.group(1).endsWith("-cluster");
            String path = url.group(3) == null ? "" : url.group(3);
            List<Node> nodes = new ArrayList<>();
            for (String node : url.group(2).split(",", -1)) {
                nodes.add(Node.of(node, text));
            }
            Matcher database = DATABASE.matcher(path);
            boolean hasDatabase = database.matches();
            boolean pathFits = path.isEmpty() || (hasDatabase && !isCluster);
            if (!pathFits || (!isCluster && nodes.size() > 1)) {
                throw unexpected(text);
            }
            return new Redis(
                    isCluster,
                    url.group(1).startsWith("rediss"),
                    nodes,
                    hasDatabase ? Integer.parseInt(database.group(1)) : 0);
        }

        /** The URL that it was read from, or an equal one. */
        @Override
        public String toString() {
            return (isTls ? "rediss" : "redis")
                    + (isCluster ? "-cluster" : "")
                    + "://"
                    + nodes.stream().map(Node::toString).collect(Collectors.joining(","))
                    + (database == 0 ? "" : "/" + database);
        }
    }

    /**
     * Where a Redis server listens.
     *
     * @param host a name or an address, one of IPv6 without brackets
     * @param port 1 to 65535
     */
    record Node(String host, int port) {
        private static final Pattern HOST_PORT =
                Pattern.compile("(?:\\[([0-9a-fA-F:.]+)]|([^:\\[\\]\\s]+)):(\\d{1,5})");

        private static Node of(String node, String text) {
            Matcher parts = HOST_PORT.matcher(node);
            if (!parts.matches()) {
                throw unexpected(text);
            }
            int port = Integer.parseInt(parts.group(3));
            if (port < 1 || port > 65_535) {
                throw unexpected(text);
            }
            return new Node(parts.group(1) == null ? parts.group(2) : parts.group(1), port);
        }

        @Override
        public String toString() {
            return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        }
    }

    private static IllegalArgumentException unexpected(String text) {
        return new IllegalArgumentException("swap store: " + text + " (expected: " + EXPECTED + ")");
    }
}
