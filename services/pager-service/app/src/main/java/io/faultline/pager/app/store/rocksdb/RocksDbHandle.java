// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.rocksdb;

import io.faultline.pager.app.store.StoreKey;
import io.faultline.pager.app.store.SwapStoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** An open database and the native objects that must be closed after it. */
final class RocksDbHandle implements AutoCloseable {
    private static final int BLOOM_BITS = 10;
    private static final int BLOCK_BYTES = 16 << 10;
    private static final long WRITE_BUFFER_BYTES = 64 << 20;
    private static final int BACKGROUND_JOBS = 2;

    private final Cache cache;
    private final BloomFilter filter;
    private final Options options;
    private final CompactRangeOptions compaction = new CompactRangeOptions().setExclusiveManualCompaction(false);
    private final RocksDB db;

    private RocksDbHandle(Cache cache, BloomFilter filter, Options options, RocksDB db) {
        this.cache = cache;
        this.filter = filter;
        this.options = options;
        this.db = db;
    }

    /** Opens a directory; pages rarely compress within their budget here, so RocksDB does not try to. */
    static RocksDbHandle open(Path directory, long blockCacheBytes) {
        RocksDB.loadLibrary();
        Cache cache = new LRUCache(blockCacheBytes);
        BloomFilter filter = new BloomFilter(BLOOM_BITS, false);
        Options options = new Options()
                .setCreateIfMissing(true)
                .setCompressionType(CompressionType.NO_COMPRESSION)
                .setWriteBufferSize(WRITE_BUFFER_BYTES)
                .setMaxBackgroundJobs(BACKGROUND_JOBS)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setTableFormatConfig(new BlockBasedTableConfig()
                        .setBlockCache(cache)
                        .setFilterPolicy(filter)
                        .setBlockSize(BLOCK_BYTES));
        try {
            Files.createDirectories(directory);
            return new RocksDbHandle(cache, filter, options, RocksDB.open(options, directory.toString()));
        } catch (IOException | RocksDBException e) {
            options.close();
            filter.close();
            cache.close();
            throw new SwapStoreException("swap store: cannot open RocksDB in " + directory + ": " + e.getMessage(), e);
        }
    }

    RocksDB db() {
        return db;
    }

    /** The first key that a VM's page could have. */
    static byte[] firstKey(long vmId) {
        return StoreKey.firstOf(vmId).toBytes();
    }

    /** Deletes the files that hold a VM's pages and no others; what was written of it since it was dropped, too. */
    void deleteFiles(long vmId) throws RocksDBException {
        db.deleteFilesInRanges(db.getDefaultColumnFamily(), List.of(firstKey(vmId), firstKey(vmId + 1)), false);
    }

    /**
     * Writes the files anew that hold a VM's pages among others, so that what was deleted of them takes no space. Blocks for
     * as long as that takes, or until it is cancelled.
     */
    void compact(long vmId) throws RocksDBException {
        try {
            db.compactRange(db.getDefaultColumnFamily(), firstKey(vmId), firstKey(vmId + 1), compaction);
        } catch (RocksDBException e) {
            Status status = e.getStatus();
            if (status == null || status.getCode() != Status.Code.Incomplete) {
                throw e;
            }
        }
    }

    /** Ends the compaction that is under way, and each that is asked for from now on at once. Harmless when closed. */
    void cancelCompactions() {
        if (compaction.isOwningHandle()) {
            compaction.setCanceled(true);
        }
    }

    @Override
    public void close() {
        db.close();
        compaction.close();
        options.close();
        filter.close();
        cache.close();
    }
}
