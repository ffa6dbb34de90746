// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.config;

import io.faultline.pager.app.compression.CodecKind;
import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings {@code faultline.pager.*}.
 *
 * @param store the swap store below the DRAM tier; see {@link SwapStoreChoice#EXPECTED}
 * @param dramMaxBytes the bound on the DRAM tier's page memory, in bytes; taken as it is needed
 * @param dramPolicy which page leaves the DRAM tier when it is full; see {@link PolicyChoice}
 * @param shadowPages the pages that the shadow of each policy holds; 0 for no shadows
 * @param compressedMaxBytes the bound on the compressed tier's memory, in bytes; taken as it is needed, 0 for no such tier
 * @param compressedCodec how pages are compressed
 * @param rocksdbDirectory where the store {@code rocksdb} keeps its files; made if missing
 * @param rocksdbBlockCacheBytes RocksDB's cache of blocks read, in bytes
 * @param rocksdbDiskReserveBytes with less room left on RocksDB's disk a STORE is UNAVAILABLE, in bytes; 0 for no reserve
 * @param rocksdbReaders threads that read from RocksDB
 * @param memoryStoreMaxBytes the bound on what the store {@code memory} keeps, in bytes; beyond it a STORE is
 *     UNAVAILABLE
 * @param storeLatencyUs how long each answer of the store takes at least, in microseconds; 0 for as fast as it is
 * @param redis how a Redis is reached, when it is the store
 * @param keyRingFile the file of the keys that pages are sealed with; empty: they are kept as they are
 * @param acceptUnsealed whether pages that were written without a key are still read though there are keys
 * @param loadsInFlightMax the bound on pages that the swap store is asked for at a time
 * @param loadsQueuedMax the bound on pages that wait to be asked for; beyond it a FETCH is UNAVAILABLE
 * @param storesInFlightMax the bound on pages that the swap store is given at a time; beyond it a STORE is UNAVAILABLE
 * @param waitersMax the bound on requests that wait for the swap store; beyond it they are UNAVAILABLE
 * @param deletesInFlightMax the bound on discards that the swap store is given at a time; beyond it they are dropped
 * @param streamsMax the bound on Exchange streams; beyond it one is refused with RESOURCE_EXHAUSTED
 * @param unsentMaxBytes the bound on replies that all clients together may leave unread, in bytes; beyond it a slow client's
 *     pages are UNAVAILABLE
 * @param drainMs how long stores in flight may still end when the service stops, in milliseconds
 */
@ConfigurationProperties("faultline.pager")
public record PagerProperties(
        @DefaultValue("rocksdb") SwapStoreChoice store,
        @DefaultValue("268435456") long dramMaxBytes,
        @DefaultValue("w-tinylfu") PolicyChoice dramPolicy,
        @DefaultValue("2048") int shadowPages,
        @DefaultValue("67108864") long compressedMaxBytes,
        @DefaultValue("lz4") CodecKind compressedCodec,
        @DefaultValue("data/pager") Path rocksdbDirectory,
        @DefaultValue("33554432") long rocksdbBlockCacheBytes,
        @DefaultValue("268435456") long rocksdbDiskReserveBytes,
        @DefaultValue("2") int rocksdbReaders,
        @DefaultValue("1073741824") long memoryStoreMaxBytes,
        @DefaultValue("0") int storeLatencyUs,
        @DefaultValue RedisProperties redis,
        @DefaultValue("") String keyRingFile,
        @DefaultValue("false") boolean acceptUnsealed,
        @DefaultValue("1024") int loadsInFlightMax,
        @DefaultValue("16384") int loadsQueuedMax,
        @DefaultValue("8192") int storesInFlightMax,
        @DefaultValue("32768") int waitersMax,
        @DefaultValue("16384") int deletesInFlightMax,
        @DefaultValue("256") int streamsMax,
        @DefaultValue("67108864") long unsentMaxBytes,
        @DefaultValue("3000") int drainMs) {
    private static final int STORE_LATENCY_MOST_US = 10_000_000;

    /**
     * Checks every setting that the domain does not check.
     *
     * @throws IllegalArgumentException naming the setting, its value and what is expected
     */
    public PagerProperties {
        inRange("dram-max-bytes", dramMaxBytes, 1 << 20, 1L << 41);
        if (shadowPages != 0 || dramPolicy.isAuto()) {
            inRange("shadow-pages", shadowPages, 1 << 8, 1 << 16);
        }
        if (compressedMaxBytes != 0) {
            inRange("compressed-max-bytes", compressedMaxBytes, 1 << 16, 1L << 39);
        }
        inRange("rocksdb-block-cache-bytes", rocksdbBlockCacheBytes, 1 << 20, Long.MAX_VALUE);
        inRange("rocksdb-disk-reserve-bytes", rocksdbDiskReserveBytes, 0, Long.MAX_VALUE);
        inRange("rocksdb-readers", rocksdbReaders, 1, 64);
        inRange("memory-store-max-bytes", memoryStoreMaxBytes, 1, Long.MAX_VALUE);
        inRange("store-latency-us", storeLatencyUs, 0, STORE_LATENCY_MOST_US);
        inRange("loads-in-flight-max", loadsInFlightMax, 1, 1 << 20);
        inRange("loads-queued-max", loadsQueuedMax, 0, 1 << 20);
        inRange("stores-in-flight-max", storesInFlightMax, 1, 1 << 20);
        inRange("waiters-max", waitersMax, 1, 1 << 20);
        inRange("deletes-in-flight-max", deletesInFlightMax, 0, 1 << 20);
        inRange("streams-max", streamsMax, 1, 4096);
        inRange("unsent-max-bytes", unsentMaxBytes, 1 << 20, 1L << 40);
        inRange("drain-ms", drainMs, 0, Integer.MAX_VALUE);
        if (acceptUnsealed && keyRingFile.isEmpty()) {
            throw new IllegalArgumentException(
                    "faultline.pager.accept-unsealed: true (expected: false without faultline.pager.key-ring-file)");
        }
    }

    static void inRange(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "faultline.pager." + name + ": " + value + " (expected: " + least + " to " + most + ")");
        }
    }
}
