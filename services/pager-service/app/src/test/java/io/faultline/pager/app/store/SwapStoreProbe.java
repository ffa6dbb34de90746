// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.pager.app.memory.PageContents;
import io.faultline.pager.domain.LoadResult;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Asks a swap store as the pager does, and waits for its answers. For one thread. */
public abstract class SwapStoreProbe<S extends SwapStore> {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Random random = new Random(11);
    private final Arena arena = Arena.ofShared();
    private final PageContents contents = new PageContents();

    @SuppressWarnings("NullAway.Init") // Each subclass opens its own before each test.
    protected S store;

    protected final long nextRandom() {
        return random.nextLong();
    }

    protected final int checksum(MemorySegment page) {
        return contents.crc32c(page);
    }

    /** Closes the store and frees every page. */
    protected final void end() {
        store.close();
        arena.close();
    }

    protected final void put(StoreKey key, MemorySegment page) throws Exception {
        write(putOf(key, page));
    }

    protected final PageWrites.Put putOf(StoreKey key, MemorySegment page) {
        return new PageWrites.Put(0, key, page, contents.crc32c(page), PageContents.isZero(page));
    }

    protected final void write(PageWrites.Write... all) throws Exception {
        assertThat(tryWrite(all)).isTrue();
    }

    /** Whether every one of the writes took effect. */
    protected final boolean tryWrite(PageWrites.Write... all) throws Exception {
        CompletableFuture<Boolean> answered = new CompletableFuture<>();
        AtomicInteger left = new AtomicInteger(all.length);
        AtomicBoolean allOk = new AtomicBoolean(true);
        PageWrites writes = new PageWrites((part, ok) -> {
            allOk.compareAndSet(true, ok);
            if (left.addAndGet(-part.all().size()) == 0) {
                answered.complete(allOk.get());
            }
        });
        for (PageWrites.Write write : all) {
            writes.add(write);
        }
        store.write(writes);
        return answered.get(20, TimeUnit.SECONDS);
    }

    protected final LoadResult read(StoreKey key, MemorySegment target) throws Exception {
        return readAll(List.of(key), List.of(target)).getFirst().result();
    }

    protected final MemorySegment randomPage(int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return page(size).copyFrom(MemorySegment.ofArray(bytes));
    }

    protected final MemorySegment page(int size) {
        return arena.allocate(ValueLayout.JAVA_BYTE, size);
    }

    /** Looks again and again until something holds. */
    protected static void await(Callable<Boolean> holds) throws Exception {
        long deadlineNs = System.nanoTime() + PATIENCE.toNanos();
        while (!holds.call()) {
            assertThat(System.nanoTime() - deadlineNs).as("patience").isNegative();
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    /** What came of each page, in order. */
    protected final List<Outcome> readAll(List<StoreKey> keys, List<MemorySegment> targets) throws Exception {
        CompletableFuture<List<Outcome>> answered = new CompletableFuture<>();
        @Nullable Outcome[] outcomes = new Outcome[keys.size()];
        AtomicInteger left = new AtomicInteger(keys.size());
        PageReads reads = new PageReads(part -> {
            for (int i = 0; i < part.size(); i++) {
                outcomes[part.cell(i)] = new Outcome(part.result(i), part.crc32c(i));
            }
            if (left.addAndGet(-part.size()) == 0) {
                answered.complete(
                        Stream.of(outcomes).map(Objects::requireNonNull).toList());
            }
        });
        for (int i = 0; i < keys.size(); i++) {
            reads.add(i, keys.get(i), targets.get(i));
        }
        store.read(reads);
        return answered.get(20, TimeUnit.SECONDS);
    }

    /** What came of reading a page. */
    protected record Outcome(LoadResult result, int crc32c) {}
}
