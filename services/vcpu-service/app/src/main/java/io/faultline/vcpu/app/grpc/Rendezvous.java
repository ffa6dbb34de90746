// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import io.faultline.model.PageSize;
import java.nio.charset.StandardCharsets;

/**
 * Rendezvous (highest random weight) hashing of extents over pagers: each pager weighs each extent, the heaviest of those
 * that are there has it. So a pager that comes takes only what becomes its own, about one extent in n, and the extents of
 * one that goes are spread over all others. Needs no state and no agreement. After D. G. Thaler and C. V. Ravishankar,
 * "Using name-based mappings to increase hit rates", 1998.
 */
final class Rendezvous {
    /** Pages of one 2 MiB extent stay together, so that reading ahead is one request to the store. */
    private static final int EXTENT_SHIFT = 21;

    private static final long GOLDEN_GAMMA = 0x9E37_79B9_7F4A_7C15L;

    private Rendezvous() {}

    /** The extent of a VM that a page lies in, as a hash. */
    static long extent(long vmId, long gfn, PageSize pageSize) {
        return mix(mix(vmId + GOLDEN_GAMMA) + (gfn >>> (EXTENT_SHIFT - pageSize.shift())));
    }

    /** A pager's name, as a hash: the same in every process, so that all vcpu-services agree. */
    static long pager(String name) {
        long hash = 0;
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            hash = mix(hash + GOLDEN_GAMMA + b);
        }
        return hash;
    }

    /** How heavy an extent is to a pager; any long. */
    static long weight(long extent, long pager) {
        return mix(extent ^ pager);
    }

    /* The finalizer of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014). */
    private static long mix(long value) {
        long z = value;
        z = (z ^ (z >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D0_49BB_1331_11EBL;
        return z ^ (z >>> 31);
    }
}
