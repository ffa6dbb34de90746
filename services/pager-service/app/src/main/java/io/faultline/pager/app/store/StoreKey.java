// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store;

import java.nio.ByteBuffer;

/**
 * A page's name as swap stores order it: by VM, then frame, then version, each as an unsigned number, so that the pages
 * of one extent lie together.
 *
 * @param vmId the VM, 1 to 2^63-1
 * @param gfn the guest frame number
 * @param version the page's version
 */
public record StoreKey(long vmId, long gfn, long version) implements Comparable<StoreKey> {
    /** The bytes of a key: three big-endian numbers. */
    public static final int BYTES = 3 * Long.BYTES;

    /** The first key that a VM's page could have. */
    public static StoreKey firstOf(long vmId) {
        return new StoreKey(vmId, 0, 0);
    }

    /** Puts the key's bytes into a big-endian buffer. */
    public void putTo(ByteBuffer target) {
        target.putLong(vmId).putLong(gfn).putLong(version);
    }

    /** The key's bytes. */
    public byte[] toBytes() {
        byte[] bytes = new byte[BYTES];
        putTo(ByteBuffer.wrap(bytes));
        return bytes;
    }

    @Override
    public int compareTo(StoreKey other) {
        int order = Long.compareUnsigned(vmId, other.vmId);
        if (order == 0) {
            order = Long.compareUnsigned(gfn, other.gfn);
        }
        return order == 0 ? Long.compareUnsigned(version, other.version) : order;
    }
}
