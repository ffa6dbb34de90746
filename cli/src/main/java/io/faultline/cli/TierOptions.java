// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import io.faultline.model.PageSize;
import picocli.CommandLine.Option;

/** The options for the tiers of a pager that a command starts, as a picocli mixin. One use. */
final class TierOptions {
    private static final long DRAM_PAGES_MIN = 64;
    private static final long DRAM_PAGES_MAX = 1L << 28;

    /** The swap stores, as a user names them. */
    enum Store {
        /** RocksDB in the data directory: survives a restart. */
        ROCKSDB,
        /** In the pager's memory: for trying things. */
        MEMORY
    }

    @Option(
            names = "--store",
            paramLabel = "rocksdb|memory",
            description = "The swap store: files in the data directory, or memory (default: rocksdb)")
    private Store store = Store.ROCKSDB;

    @Option(
            names = "--dram-pages",
            paramLabel = "N",
            description = "How many 4 KiB pages the pager's DRAM tier holds (default: ${DEFAULT-VALUE})")
    private long dramPages;

    TierOptions(long dramPages) {
        this.dramPages = dramPages;
    }

    /** The swap store. */
    Store store() {
        return store;
    }

    /**
     * The bound of the DRAM tier, in bytes.
     *
     * @throws IllegalArgumentException with the number of pages given and what is allowed
     */
    long dramMaxBytes() {
        if (dramPages < DRAM_PAGES_MIN || dramPages > DRAM_PAGES_MAX) {
            throw new IllegalArgumentException(
                    "--dram-pages: " + dramPages + " (expected: " + DRAM_PAGES_MIN + " to " + DRAM_PAGES_MAX + ")");
        }
        return dramPages * PageSize.SIZE_4K.bytes();
    }
}
