// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.redis;

import io.faultline.pager.app.store.SwapStoreException;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.IntegerOutput;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.protocol.RedisCommand;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Forgets all extents of a VM: finds them by SCAN on every master and unlinks them. Blocks; a thread of its own. */
final class RedisDrops {
    /*
     * SCAN names every key that is there from its beginning to its end, but a slot that moves meanwhile may go from a
     * node that is yet to be asked to one that was asked already. So the walk is repeated until it finds nothing.
     */
    private static final int WALKS_MAX = 5;
    private static final int SCAN_COUNT = 1_000;

    private final RedisNodes nodes;
    private final RedisSender sender;
    private final int timeoutMs;

    RedisDrops(RedisNodes nodes, RedisSender sender, int timeoutMs) {
        this.nodes = nodes;
        this.sender = sender;
        this.timeoutMs = timeoutMs;
    }

    /**
     * Forgets a VM.
     *
     * @throws SwapStoreException when some of its pages may be left, with the reason
     */
    void drop(long vmId) throws InterruptedException {
        for (int walk = 0; walk < WALKS_MAX; walk++) {
            if (walk(vmId) == 0) {
                return;
            }
        }
        throw new SwapStoreException("pages keep turning up", null);
    }

    private long walk(long vmId) throws InterruptedException {
        List<RedisNode> masters = nodes.masters();
        String outage = nodes.outage();
        if (outage != null) {
            throw new SwapStoreException(outage, null);
        }
        ScanArgs pattern = ScanArgs.Builder.matches(RedisExtent.keysOf(vmId)).limit(SCAN_COUNT);
        long found = 0;
        for (RedisNode master : masters) {
            ScanCursor cursor = ScanCursor.INITIAL;
            while (!cursor.isFinished()) {
                StatefulRedisConnection<byte[], byte[]> connection = master.openConnection();
                if (connection == null) {
                    throw new SwapStoreException(master.address() + ": the connection broke", null);
                }
                KeyScanCursor<byte[]> step = await(master, connection.async().scan(cursor, pattern));
                unlink(step.getKeys());
                found += step.getKeys().size();
                cursor = step;
            }
        }
        return found;
    }

    private KeyScanCursor<byte[]> await(RedisNode node, RedisFuture<KeyScanCursor<byte[]>> step)
            throws InterruptedException {
        try {
            return step.get(timeoutMs, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new SwapStoreException(node.address() + ": SCAN: " + RedisFailures.sentence(e), e);
        }
    }

    private void unlink(List<byte[]> keys) {
        Map<RedisNode, UnlinkGroup> groups = new HashMap<>();
        for (byte[] key : keys) {
            RedisNode owner = nodes.ofSlot(RedisExtent.slot(key));
            if (owner == null) {
                throw new SwapStoreException("a hash slot has no master", null);
            }
            groups.computeIfAbsent(owner, _ -> new UnlinkGroup()).add(key);
        }
        groups.forEach((node, group) -> sender.send(node, group, List.copyOf(group.calls)));
        for (UnlinkGroup group : groups.values()) {
            group.end().join();
            if (!group.isUnlinked()) {
                throw new SwapStoreException("an UNLINK failed", null);
            }
        }
    }

    /** Keys that are unlinked on one node together. */
    private static final class UnlinkGroup extends RedisGroup {
        private final List<RedisCall> calls = new ArrayList<>();
        private int unlinked;

        void add(byte[] key) {
            calls.add(new UnlinkCall(key));
        }

        synchronized boolean isUnlinked() {
            return unlinked == calls.size();
        }

        /* Whoever waits for the end asks how it went. */
        @Override
        void answer() {}

        private final class UnlinkCall extends RedisCall {
            private final byte[] key;

            UnlinkCall(byte[] key) {
                super(UnlinkGroup.this, key.length);
                this.key = key;
            }

            @Override
            RedisCommand<byte[], byte[], ?> command() {
                return new Command<>(
                        CommandType.UNLINK,
                        new IntegerOutput<>(ByteArrayCodec.INSTANCE),
                        new CommandArgs<>(ByteArrayCodec.INSTANCE).addKey(key));
            }

            @Override
            void succeeded() {
                unlinked++;
            }
        }
    }
}
