// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.rocksdb;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Whether a disk has so much room left that RocksDB will not find it full. RocksDB cannot write a log or a file halfway: it stops taking
 * writes, and looks for room every 5 s only. One thread.
 */
final class DiskRoom {
    /** In which less is written than anyone would keep free. */
    private static final long LOOK_NS = Duration.ofMillis(100).toNanos();

    private final LongSupplier usableBytes;
    private final long reserveBytes;
    private final LongSupplier clockNs;
    private long lookedAtNs;
    private long leftBytes;

    /**
     * One that has looked once.
     *
     * @param usableBytes what the disk has left
     * @param reserveBytes what is to be left
     * @param clockNs a time that does not go back, in nanoseconds
     */
    DiskRoom(LongSupplier usableBytes, long reserveBytes, LongSupplier clockNs) {
        this.usableBytes = usableBytes;
        this.reserveBytes = reserveBytes;
        this.clockNs = clockNs;
        look(clockNs.getAsLong());
    }

    /** Of the disk that a directory is on. */
    static DiskRoom under(Path directory, long reserveBytes) throws IOException {
        FileStore disk = Files.getFileStore(directory);
        LongSupplier usableBytes = () -> {
            try {
                return disk.getUsableSpace();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot tell how much room the swap store's disk has", e);
            }
        };
        return new DiskRoom(usableBytes, reserveBytes, System::nanoTime);
    }

    /** Whether less is left than is to be; looks at the disk ten times a second at most. */
    boolean isLow() {
        long nowNs = clockNs.getAsLong();
        if (nowNs - lookedAtNs >= LOOK_NS) {
            look(nowNs);
        }
        return leftBytes < reserveBytes;
    }

    private void look(long nowNs) {
        lookedAtNs = nowNs;
        leftBytes = usableBytes.getAsLong();
    }

    /** What is left, and what is to be, in words. */
    String sentence() {
        return "the swap store's disk has " + leftBytes + " bytes left (expected: at least " + reserveBytes
                + ", faultline.pager.rocksdb-disk-reserve-bytes)";
    }
}
