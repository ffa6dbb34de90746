// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.rocksdb;

import io.faultline.pager.app.store.Envelope;
import io.faultline.pager.app.store.PageReads;
import io.faultline.pager.app.store.PageWrites;
import io.faultline.pager.app.store.StoreKey;
import io.faultline.pager.app.store.StoreThreads;
import io.faultline.pager.app.store.SwapStore;
import io.faultline.pager.app.store.SwapStoreException;
import io.faultline.pager.domain.LoadResult;
import io.faultline.telemetry.RareLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Collectors;
import org.rocksdb.ByteBufferGetStatus;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A swap store in an embedded RocksDB, which survives a restart of the process: its write-ahead log is on, and not
 * synced, so the last pages before a power cut may be missing. Any thread may ask; RocksDB is touched by the store's
 * own threads only.
 */
public final class RocksDbSwapStore implements SwapStore {
    /*
     * One writer thread: writes take effect in the order in which they were asked for, and RocksDB lets only one write
     * at a time anyway. A few readers: a batch of reads is cut into groups that are asked for in key order, so the
     * pages of an extent come out of the same blocks. What nobody waits for has a reader of its own, so that no reader
     * that somebody waits for is busy with it, or has it before that in its queue.
     *
     * A dropped VM is one range deletion, which hides its pages and gives nothing back. So files that hold nothing else
     * are deleted at once, by the writer, since afterwards a VM of the same number may write there; and the rest is
     * compacted in the background, a VM at a time.
     *
     * A page is not written to a disk that has hardly any room left; what gives room back is.
     */
    private static final Logger LOG = LoggerFactory.getLogger(RocksDbSwapStore.class);
    private static final int GROUP_PAGES = 32;
    private static final int QUEUE_MAX = 4096;
    private static final int COMPACTIONS_MAX = 64;
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);
    private static final long ESTIMATE_AGE_NS = Duration.ofSeconds(1).toNanos();

    private final RocksDbHandle handle;
    private final Envelope envelope;
    /** The writer's. */
    private final DiskRoom room;

    private final StoreThreads writer = new StoreThreads("pager-store-writer", 1, QUEUE_MAX);
    private final StoreThreads compactor = new StoreThreads("pager-store-compactor", 1, COMPACTIONS_MAX);
    private final StoreThreads readers;
    private final StoreThreads prefetcher = new StoreThreads("pager-store-prefetcher", 1, QUEUE_MAX);
    private final ThreadLocal<Buffers> buffers = ThreadLocal.withInitial(Buffers::new);
    private final RareLog failures = new RareLog(LOG);
    private volatile long pagesEstimate;
    private long estimatedAtNs = System.nanoTime() - ESTIMATE_AGE_NS;

    private RocksDbSwapStore(RocksDbHandle handle, DiskRoom room, int readerThreads, Envelope envelope) {
        this.handle = handle;
        this.room = room;
        this.envelope = envelope;
        readers = new StoreThreads("pager-store-reader", readerThreads, QUEUE_MAX);
        writer.execute(this::refreshEstimate);
    }

    /**
     * How the store is set up.
     *
     * @param directory where its files are; made if missing
     * @param blockCacheBytes the cache of blocks read, in bytes
     * @param diskReserveBytes with less room left on the disk no page is written, in bytes
     * @param readerThreads threads that read
     */
    public record Settings(Path directory, long blockCacheBytes, long diskReserveBytes, int readerThreads) {}

    /**
     * Opens the store.
     *
     * @throws SwapStoreException if RocksDB cannot open its directory
     */
    public static RocksDbSwapStore open(Settings settings, Envelope envelope) {
        RocksDbHandle handle = RocksDbHandle.open(settings.directory(), settings.blockCacheBytes());
        try {
            DiskRoom room = DiskRoom.under(settings.directory(), settings.diskReserveBytes());
            return new RocksDbSwapStore(handle, room, settings.readerThreads(), envelope);
        } catch (IOException | UncheckedIOException e) {
            handle.close();
            throw new SwapStoreException("swap store: no disk can be seen under " + settings.directory(), e);
        }
    }

    @Override
    public String name() {
        return "rocksdb";
    }

    @Override
    public void read(PageReads reads) {
        Integer[] order = new Integer[reads.size()];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparing(reads::key));
        int groups = Math.ceilDiv(order.length, GROUP_PAGES);
        ReadGroups countdown = new ReadGroups(reads, groups);
        for (int group = 0; group < groups; group++) {
            List<Integer> pages = Arrays.asList(order)
                    .subList(group * GROUP_PAGES, Math.min(order.length, (group + 1) * GROUP_PAGES));
            try {
                (reads.isPrefetch() ? prefetcher : readers).execute(() -> {
                    try {
                        readGroup(reads, pages);
                    } finally {
                        countdown.groupDone();
                    }
                });
            } catch (RejectedExecutionException e) {
                failures.warn("the read queue is full or closed: pages are UNAVAILABLE", e);
                countdown.groupDone();
            }
        }
    }

    private void readGroup(PageReads reads, List<Integer> pages) {
        Buffers own = buffers.get();
        List<ByteBuffer> keys = new ArrayList<>(pages.size());
        List<ByteBuffer> values = new ArrayList<>(pages.size());
        for (int at = 0; at < pages.size(); at++) {
            int i = pages.get(at);
            keys.add(own.key(at, reads.key(i)));
            values.add(own.value(at, envelope.sizeMax(reads.page(i).byteSize())));
        }
        try {
            List<ByteBufferGetStatus> found = handle.db().multiGetByteBuffers(keys, values);
            for (int at = 0; at < pages.size(); at++) {
                takeResult(reads, pages.get(at), found.get(at));
            }
        } catch (RocksDBException e) {
            failures.warn("cannot read from the swap store: pages are UNAVAILABLE", e);
        }
    }

    private void takeResult(PageReads reads, int i, ByteBufferGetStatus found) {
        Status.Code code = found.status.getCode();
        if (code == Status.Code.Ok && found.value != null && found.requiredSize == found.value.remaining()) {
            envelope.unwrap(found.value, reads, i);
        } else if (code == Status.Code.Ok || code == Status.Code.Corruption) {
            reads.setResult(i, LoadResult.CORRUPT, 0);
        } else if (code == Status.Code.NotFound) {
            reads.setResult(i, LoadResult.ABSENT, 0);
        } else {
            failures.warn(
                    "the swap store cannot read a page, it is UNAVAILABLE: " + found.status.getCodeString(), null);
        }
    }

    @Override
    public void write(PageWrites writes) {
        try {
            writer.execute(() -> {
                writeWhileThereIsRoom(writes);
                refreshEstimate();
            });
        } catch (RejectedExecutionException e) {
            failures.warn("the write queue is full or closed: stores are UNAVAILABLE", e);
            writes.answer(false);
        }
    }

    private void writeWhileThereIsRoom(PageWrites writes) {
        if (!isDiskLow()) {
            writeAll(writes);
            return;
        }
        Map<Boolean, List<PageWrites.Write>> byRoom =
                writes.all().stream().collect(Collectors.partitioningBy(write -> write instanceof PageWrites.Put));
        List<PageWrites.Write> puts = byRoom.getOrDefault(true, List.of());
        List<PageWrites.Write> others = byRoom.getOrDefault(false, List.of());
        if (!puts.isEmpty()) {
            failures.warn(() -> room.sentence() + ": stores are UNAVAILABLE");
            writes.part(puts).answer(false);
        }
        if (!others.isEmpty()) {
            writeAll(writes.part(others));
        }
    }

    private boolean isDiskLow() {
        try {
            return room.isLow();
        } catch (UncheckedIOException e) {
            failures.warn("it is written to as if it had room", e);
            return false;
        }
    }

    private void writeAll(PageWrites writes) {
        boolean ok = false;
        try {
            ok = tryWrite(writes);
        } finally {
            writes.answer(ok);
        }
    }

    private boolean tryWrite(PageWrites writes) {
        try (WriteBatch batch = new WriteBatch();
                WriteOptions options = new WriteOptions()) {
            for (PageWrites.Write write : writes.all()) {
                add(write, batch);
                if (write instanceof PageWrites.DropVm drop) {
                    handle.db().write(options, batch);
                    batch.clear();
                    giveSpaceBack(drop.vmId());
                }
            }
            handle.db().write(options, batch);
            return true;
        } catch (RocksDBException e) {
            failures.warn("cannot write to the swap store: stores are UNAVAILABLE", e);
            return false;
        }
    }

    private void add(PageWrites.Write write, WriteBatch batch) throws RocksDBException {
        Buffers own = buffers.get();
        switch (write) {
            case PageWrites.Put put -> {
                ByteBuffer value = own.value(0, envelope.sizeOf(put));
                envelope.wrap(put, value);
                batch.put(own.key(0, put.key()), value.flip());
            }
            case PageWrites.Delete delete -> batch.delete(own.key(0, delete.key()));
            case PageWrites.DropVm drop ->
                batch.deleteRange(RocksDbHandle.firstKey(drop.vmId()), RocksDbHandle.firstKey(drop.vmId() + 1));
        }
    }

    private void giveSpaceBack(long vmId) {
        try {
            handle.deleteFiles(vmId);
            compactor.execute(() -> compact(vmId));
        } catch (RocksDBException | RejectedExecutionException e) {
            failures.warn("the space of a dropped VM is not given back before RocksDB compacts by itself", e);
        }
    }

    private void compact(long vmId) {
        try {
            handle.compact(vmId);
        } catch (RocksDBException e) {
            failures.warn("the space of a dropped VM is not given back before RocksDB compacts by itself", e);
        }
    }

    private void refreshEstimate() {
        long nowNs = System.nanoTime();
        if (nowNs - estimatedAtNs >= ESTIMATE_AGE_NS) {
            estimatedAtNs = nowNs;
            try {
                pagesEstimate = handle.db().getLongProperty("rocksdb.estimate-num-keys");
            } catch (RocksDBException e) {
                failures.warn("cannot estimate the swap store's pages", e);
            }
        }
    }

    @Override
    public long pagesEstimate() {
        return pagesEstimate;
    }

    /** The database, for tests that spoil it. */
    RocksDB db() {
        return handle.db();
    }

    @Override
    public void close() {
        handle.cancelCompactions();
        boolean written = writer.drain(CLOSE_TIMEOUT) && compactor.drain(CLOSE_TIMEOUT);
        boolean read = readers.drain(CLOSE_TIMEOUT) && prefetcher.drain(CLOSE_TIMEOUT);
        if (!written || !read) {
            LOG.warn("the swap store is still busy after {}: its files are left as after a crash", CLOSE_TIMEOUT);
            return;
        }
        handle.close();
    }

    /** Direct buffers of one thread: RocksDB copies to and from them without a detour over the heap. */
    private static final class Buffers {
        private final ByteBuffer keys = ByteBuffer.allocateDirect(GROUP_PAGES * StoreKey.BYTES);
        private final ByteBuffer[] values = new ByteBuffer[GROUP_PAGES];

        ByteBuffer key(int at, StoreKey key) {
            ByteBuffer slice = keys.slice(at * StoreKey.BYTES, StoreKey.BYTES);
            key.putTo(slice);
            return slice.flip();
        }

        ByteBuffer value(int at, int bytes) {
            ByteBuffer own = values[at];
            if (own == null || own.capacity() < bytes) {
                own = ByteBuffer.allocateDirect(bytes);
                values[at] = own;
            }
            return own.clear().limit(bytes);
        }
    }
}
