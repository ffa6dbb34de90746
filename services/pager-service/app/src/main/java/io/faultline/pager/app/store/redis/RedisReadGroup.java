// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.redis;

import io.faultline.pager.app.store.Envelope;
import io.faultline.pager.app.store.PageReads;
import io.faultline.pager.domain.LoadResult;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.CommandOutput;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.protocol.RedisCommand;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads from one node: an HMGET for each extent, whose pages go from the socket's buffer to their memory. */
final class RedisReadGroup extends RedisGroup {
    private final PageReads reads;
    private final Envelope envelope;

    RedisReadGroup(PageReads reads, Envelope envelope) {
        this.reads = reads;
        this.envelope = envelope;
        reads.begin();
    }

    /** The calls that read every page of the group. */
    List<RedisCall> calls() {
        Map<RedisExtent, List<Integer>> extents = new LinkedHashMap<>();
        for (int i = 0; i < reads.size(); i++) {
            extents.computeIfAbsent(RedisExtent.of(reads.key(i)), _ -> new ArrayList<>())
                    .add(i);
        }
        List<RedisCall> calls = new ArrayList<>(extents.size());
        extents.forEach((extent, pages) -> addCalls(extent, pages, calls));
        return calls;
    }

    private void addCalls(RedisExtent extent, List<Integer> pages, List<RedisCall> calls) {
        int start = 0;
        int bytes = 0;
        for (int at = 0; at < pages.size(); at++) {
            int pageBytes = envelope.sizeMax(reads.page(pages.get(at)).byteSize());
            if (at > start && bytes + pageBytes > RedisCall.BYTES_MAX) {
                calls.add(new ReadCall(extent, pages.subList(start, at), bytes));
                start = at;
                bytes = 0;
            }
            bytes += pageBytes;
        }
        calls.add(new ReadCall(extent, pages.subList(start, pages.size()), bytes));
    }

    @Override
    void answer() {
        reads.answer();
    }

    private synchronized void take(int page, @Nullable ByteBuffer value) {
        if (isOver()) {
            return;
        }
        if (value == null) {
            reads.setResult(page, LoadResult.ABSENT, 0);
        } else {
            envelope.unwrap(value, reads, page);
        }
    }

    private final class ReadCall extends RedisCall {
        private final RedisExtent extent;
        private final List<Integer> pages;

        ReadCall(RedisExtent extent, List<Integer> pages, int bytes) {
            super(RedisReadGroup.this, bytes);
            this.extent = extent;
            this.pages = pages;
        }

        @Override
        RedisCommand<byte[], byte[], ?> command() {
            CommandArgs<byte[], byte[]> args = new CommandArgs<>(ByteArrayCodec.INSTANCE).addKey(extent.key());
            for (int i : pages) {
                args.add(RedisExtent.field(reads.key(i)));
            }
            return new Command<>(CommandType.HMGET, new PagesOutput(pages), args);
        }

        /* Each page was taken as it came. */
        @Override
        void succeeded() {}
    }

    /** Takes the values of an HMGET in their order. On the connection's thread. */
    private final class PagesOutput extends CommandOutput<byte[], byte[], Boolean> {
        private final List<Integer> pages;
        private int next;

        PagesOutput(List<Integer> pages) {
            super(ByteArrayCodec.INSTANCE, true);
            this.pages = pages;
        }

        @Override
        public void set(@Nullable ByteBuffer bytes) {
            if (next < pages.size()) {
                take(pages.get(next), bytes);
                next++;
            }
        }
    }
}
