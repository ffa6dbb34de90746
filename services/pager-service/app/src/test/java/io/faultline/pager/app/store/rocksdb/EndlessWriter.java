// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.rocksdb;

import io.faultline.pager.app.memory.PageContents;
import io.faultline.pager.app.store.PageWrites;
import io.faultline.pager.app.store.PlainEnvelope;
import io.faultline.pager.app.store.StoreKey;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

/**
 * A process that writes pages until it is killed: {@code EndlessWriter DIRECTORY FIRST_FRAME}. Says of each batch, in a line
 * with the number of its first frame, that the store has answered it.
 */
final class EndlessWriter {
    static final int BATCH = 32;
    static final int SIZE = 4096;
    private static final int BATCHES_UNDER_WAY = 4;

    private EndlessWriter() {}

    static StoreKey key(long gfn) {
        return new StoreKey(1, gfn, 1);
    }

    /** What is in a frame. */
    static byte[] bytes(long gfn) {
        byte[] bytes = new byte[SIZE];
        new Random(gfn).nextBytes(bytes);
        return bytes;
    }

    public static void main(String[] args) throws Exception {
        RocksDbSwapStore store = RocksDbSwapStore.open(
                new RocksDbSwapStore.Settings(Path.of(args[0]), 8 << 20, 0, 1), new PlainEnvelope());
        Semaphore permits = new Semaphore(BATCHES_UNDER_WAY);
        CompletableFuture<Void> failed = new CompletableFuture<>();
        for (long gfn = Long.parseLong(args[1]); !failed.isDone(); gfn += BATCH) {
            permits.acquire();
            write(store, gfn, permits, failed);
        }
        throw new IllegalStateException("a write was not taken");
    }

    private static void write(RocksDbSwapStore store, long first, Semaphore permits, CompletableFuture<Void> failed) {
        Arena arena = Arena.ofShared();
        PageWrites writes = new PageWrites((_, ok) -> {
            if (ok) {
                System.out.println(first);
            } else {
                failed.complete(null);
            }
            arena.close();
            permits.release();
        });
        PageContents contents = new PageContents();
        for (int i = 0; i < BATCH; i++) {
            MemorySegment page = arena.allocate(SIZE).copyFrom(MemorySegment.ofArray(bytes(first + i)));
            writes.add(new PageWrites.Put(i, key(first + i), page, contents.crc32c(page), false));
        }
        store.write(writes);
    }
}
