// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import io.faultline.model.PageSize;
import io.faultline.pager.app.config.SwapStoreChoice;
import picocli.CommandLine.Option;

/** The options for the tiers of a pager that a command starts, as a picocli mixin. One use. */
final class TierOptions {
    private static final long DRAM_PAGES_MIN = 64;
    private static final long DRAM_PAGES_MAX = 1L << 28;
    private static final long COMPRESSED_KIB_MIN = 64;
    private static final long COMPRESSED_KIB_MAX = 1L << 29;

    @Option(
            names = "--store",
            paramLabel = "STORE",
            description = {
                "The swap store: rocksdb (files in the data directory), memory, redis://HOST:PORT[/DB], or"
                        + " redis-cluster://HOST:PORT[,HOST:PORT…]; rediss:// and rediss-cluster:// with TLS"
                        + " (default: ${DEFAULT-VALUE})",
                "A Redis that asks for credentials finds them in PAGER_REDIS_USERNAME and PAGER_REDIS_PASSWORD"
            })
    private String store = "rocksdb";

    @Option(
            names = "--dram-pages",
            paramLabel = "N",
            description = "How many 4 KiB pages the pager's DRAM tier holds (default: ${DEFAULT-VALUE})")
    private long dramPages;

    @Option(
            names = "--compressed-kib",
            paramLabel = "N",
            description =
                    "How much memory the pager's compressed tier takes, in KiB; 0 for none (default: ${DEFAULT-VALUE})")
    private long compressedKib;

    TierOptions(long dramPages, long compressedKib) {
        this.dramPages = dramPages;
        this.compressedKib = compressedKib;
    }

    /**
     * The swap store, as the pager's setting names it.
     *
     * @throws IllegalArgumentException with what was given and what is allowed
     */
    String store() {
        return SwapStoreChoice.of(store).toString();
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

    /**
     * The bound of the compressed tier, in bytes.
     *
     * @throws IllegalArgumentException with what was given and what is allowed
     */
    long compressedMaxBytes() {
        if (compressedKib != 0 && (compressedKib < COMPRESSED_KIB_MIN || compressedKib > COMPRESSED_KIB_MAX)) {
            throw new IllegalArgumentException("--compressed-kib: " + compressedKib + " (expected: 0, or "
                    + COMPRESSED_KIB_MIN + " to " + COMPRESSED_KIB_MAX + ")");
        }
        return compressedKib << 10;
    }
}
