// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

/**
 * The bounds of one pager. Whatever would exceed one is answered {@link PageAnswer#UNAVAILABLE}, a hint is dropped.
 *
 * @param dramMaxBytes the DRAM tier's page memory, at least 1 MiB; rounded down to whole {@link CellAllocator chunks}
 * @param compressedMaxBytes the compressed tier's memory, at least 64 KiB; 0 for no such tier
 * @param loadsInFlightMax loads that the swap store works on at a time, at least 1
 * @param loadsQueuedMax loads that wait for their turn, at least 0
 * @param storesInFlightMax stores that the swap store works on at a time, at least 1
 * @param waitersMax requests that wait for a load or a store, at least 1
 */
public record PagerLimits(
        long dramMaxBytes,
        long compressedMaxBytes,
        int loadsInFlightMax,
        int loadsQueuedMax,
        int storesInFlightMax,
        int waitersMax) {
    private static final long DRAM_LEAST_BYTES = 1L << 20;
    private static final long DRAM_MOST_BYTES = 1L << 41;
    private static final long COMPRESSED_LEAST_BYTES = 1L << 16;
    private static final long COMPRESSED_MOST_BYTES = 1L << 39;
    private static final int REQUESTS_MOST = 1 << 24;

    /** Checks the ranges. */
    public PagerLimits {
        require("dramMaxBytes", dramMaxBytes, DRAM_LEAST_BYTES, DRAM_MOST_BYTES);
        if (compressedMaxBytes != 0) {
            require("compressedMaxBytes", compressedMaxBytes, COMPRESSED_LEAST_BYTES, COMPRESSED_MOST_BYTES);
        }
        require("loadsInFlightMax", loadsInFlightMax, 1, REQUESTS_MOST);
        require("loadsQueuedMax", loadsQueuedMax, 0, REQUESTS_MOST);
        require("storesInFlightMax", storesInFlightMax, 1, REQUESTS_MOST);
        require("waitersMax", waitersMax, 1, REQUESTS_MOST);
    }

    static void require(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + " to " + most + ")");
        }
    }
}
