// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.loss;

/**
 * What a system is made of beside the services and their broker.
 *
 * @param hasRedis whether pages go to a Redis Cluster of six that keeps what it is given on disk; if not, to RocksDB
 * @param volume what lies on a disk of its own that can be filled
 * @param isClockStepped whether the services have a wall clock that can be put forward and back
 */
record Setup(boolean hasRedis, Volume volume, boolean isClockStepped) {
    /** What lies on a small disk. */
    enum Volume {
        /** Nothing: there is no such disk. */
        NONE,
        /** Where the audit waits while the broker is away. */
        SPOOL,
        /** RocksDB. */
        ROCKSDB
    }

    /** RocksDB, and disks that nobody fills. */
    static final Setup PLAIN = new Setup(false, Volume.NONE, false);

    /** A Redis Cluster. */
    static final Setup REDIS = new Setup(true, Volume.NONE, false);

    /** A wall clock that can be stepped. */
    static final Setup CLOCK = new Setup(false, Volume.NONE, true);

    /** A small disk under a part. */
    static Setup disk(Volume under) {
        return new Setup(false, under, false);
    }
}
