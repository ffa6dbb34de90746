// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.redis;

import io.faultline.pager.app.store.StoreKey;
import io.lettuce.core.cluster.SlotHash;
import java.nio.charset.StandardCharsets;

/**
 * 512 frames of a VM that follow each other: 2 MiB of 4 KiB pages, and with greater pages more, because a discard names
 * a frame without its size. In Redis an extent is one hash, {@code faultline:VM:EXTENT}, whose fields are its pages,
 * {@code GFN:VERSION}; all numbers are hexadecimal.
 *
 * @param vmId the VM
 * @param number the extent's number, that of its first frame divided by 512
 */
record RedisExtent(long vmId, long number) {
    private static final int FRAMES_SHIFT = 9;
    private static final String PREFIX = "faultline:";

    /** The extent that a page lies in. */
    static RedisExtent of(StoreKey page) {
        return new RedisExtent(page.vmId(), page.gfn() >>> FRAMES_SHIFT);
    }

    /** The key of the extent's hash. */
    byte[] key() {
        return ascii(PREFIX + Long.toHexString(vmId) + ':' + Long.toHexString(number));
    }

    /** The hash slot that the extent lies in. */
    int slot() {
        return slot(key());
    }

    /** Whether a key is one of an extent's. */
    static boolean isKey(byte[] key) {
        return new String(key, StandardCharsets.US_ASCII).startsWith(PREFIX);
    }

    /** The field of a page within its extent's hash. */
    static byte[] field(StoreKey page) {
        return ascii(Long.toHexString(page.gfn()) + ':' + Long.toHexString(page.version()));
    }

    /** What SCAN finds all extents of a VM by. */
    static String keysOf(long vmId) {
        return PREFIX + Long.toHexString(vmId) + ":*";
    }

    /** The hash slot of a key. */
    static int slot(byte[] key) {
        return SlotHash.getSlot(key);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
