// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.redis;

import io.faultline.pager.app.store.Envelope;
import io.faultline.pager.app.store.PageWrites;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.IntegerOutput;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.protocol.RedisCommand;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes to one node: for each extent, in the order of its writes, an HSET for pages that follow each other and an HDEL
 * for deletes that do. Values are made in memory of their own, because a command that nobody waits for any more may
 * still be on its way.
 */
final class RedisWriteGroup extends RedisGroup {
    private static final int NAME_BYTES = 64;

    private final PageWrites batch;
    private final Envelope envelope;
    private final List<PageWrites.PageWrite> writes;
    private final Set<PageWrites.PageWrite> done = Collections.newSetFromMap(new IdentityHashMap<>());

    /** Some writes of a batch, answered as a part of it. */
    RedisWriteGroup(PageWrites batch, List<PageWrites.PageWrite> writes, Envelope envelope) {
        this.batch = batch;
        this.envelope = envelope;
        this.writes = writes;
    }

    /** The calls that carry out every write of the group. */
    List<RedisCall> calls() {
        Map<RedisExtent, List<PageWrites.PageWrite>> extents = new LinkedHashMap<>();
        for (PageWrites.PageWrite write : writes) {
            extents.computeIfAbsent(RedisExtent.of(write.key()), _ -> new ArrayList<>())
                    .add(write);
        }
        List<RedisCall> calls = new ArrayList<>(extents.size());
        extents.forEach((extent, ofExtent) -> addCalls(extent, ofExtent, calls));
        return calls;
    }

    private void addCalls(RedisExtent extent, List<PageWrites.PageWrite> ofExtent, List<RedisCall> calls) {
        int start = 0;
        int bytes = 0;
        for (int i = 0; i < ofExtent.size(); i++) {
            PageWrites.PageWrite write = ofExtent.get(i);
            boolean alike = isPut(write) == isPut(ofExtent.get(start));
            if (i > start && (!alike || bytes + bytesOf(write) > RedisCall.BYTES_MAX)) {
                calls.add(new WriteCall(extent, ofExtent.subList(start, i), bytes));
                start = i;
                bytes = 0;
            }
            bytes += bytesOf(write);
        }
        calls.add(new WriteCall(extent, ofExtent.subList(start, ofExtent.size()), bytes));
    }

    private static boolean isPut(PageWrites.PageWrite write) {
        return write instanceof PageWrites.Put;
    }

    private int bytesOf(PageWrites.PageWrite write) {
        return NAME_BYTES + (write instanceof PageWrites.Put put ? envelope.sizeOf(put) : 0);
    }

    @Override
    void answer() {
        answer(writes.stream().filter(done::contains).toList(), true);
        answer(writes.stream().filter(write -> !done.contains(write)).toList(), false);
    }

    private void answer(List<PageWrites.PageWrite> some, boolean ok) {
        if (!some.isEmpty()) {
            batch.part(some).answer(ok);
        }
    }

    /** Writes of one kind to one extent. */
    private final class WriteCall extends RedisCall {
        private final RedisExtent extent;
        private final List<PageWrites.PageWrite> run;
        private final List<byte[]> names = new ArrayList<>();
        private final List<byte[]> values = new ArrayList<>();

        WriteCall(RedisExtent extent, List<PageWrites.PageWrite> run, int bytes) {
            super(RedisWriteGroup.this, bytes);
            this.extent = extent;
            this.run = run;
            for (PageWrites.PageWrite write : run) {
                names.add(RedisExtent.field(write.key()));
                if (write instanceof PageWrites.Put put) {
                    ByteBuffer value = ByteBuffer.allocate(envelope.sizeOf(put));
                    envelope.wrap(put, value);
                    values.add(value.array());
                }
            }
        }

        @Override
        RedisCommand<byte[], byte[], ?> command() {
            CommandArgs<byte[], byte[]> args = new CommandArgs<>(ByteArrayCodec.INSTANCE).addKey(extent.key());
            for (int i = 0; i < names.size(); i++) {
                args.add(names.get(i));
                if (!values.isEmpty()) {
                    args.add(values.get(i));
                }
            }
            CommandType type = values.isEmpty() ? CommandType.HDEL : CommandType.HSET;
            return new Command<>(type, new IntegerOutput<>(ByteArrayCodec.INSTANCE), args);
        }

        @Override
        void succeeded() {
            done.addAll(run);
        }
    }
}
