// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * 32 bytes that name a page and one write to it, and can tell that they do: VM, gfn, counter and a check word over the
 * three and the replay's seed, each 8 bytes, little endian. A stamp of another page, an older write, another replay, or a
 * few flipped bits does not pass for the one expected.
 */
final class Stamp {
    /** The size of a stamp. */
    static final int BYTES = 32;
    /** The counter of a page that was never written: it reads as zeros. */
    static final int NEVER_WRITTEN = 0;

    private final long vmId;
    private final long seed;

    Stamp(long vmId, long seed) {
        this.vmId = vmId;
        this.seed = seed;
    }

    /** Where a page bears its stamp, in bytes from its beginning: a multiple of 32 that depends on the gfn. */
    static int offset(long gfn, int pageBytes) {
        return (int) Long.remainderUnsigned(mix(gfn), pageBytes / BYTES) * BYTES;
    }

    /** Writes the stamp of a page's write. */
    void write(long gfn, int counter, byte[] target, int offset) {
        ByteBuffer.wrap(target, offset, BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(vmId)
                .putLong(gfn)
                .putLong(counter)
                .putLong(check(gfn, counter));
    }

    /** The counter of a page's stamp; -1 when the bytes are no stamp of that page. */
    int counter(long gfn, ByteBuffer bytes) {
        if (bytes.remaining() != BYTES) {
            return -1;
        }
        ByteBuffer words = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
        long vm = words.getLong();
        long frame = words.getLong();
        long counter = words.getLong();
        long check = words.getLong();
        if ((vm | frame | counter | check) == 0) {
            return NEVER_WRITTEN;
        }
        boolean isStamp = vm == vmId
                && frame == gfn
                && counter > 0
                && counter <= Integer.MAX_VALUE
                && check == check(gfn, counter);
        return isStamp ? (int) counter : -1;
    }

    /** Some bytes in words, for a person who compares them with what was expected. */
    String describe(ByteBuffer bytes) {
        if (bytes.remaining() != BYTES) {
            return bytes.remaining() + " bytes (expected: " + BYTES + ")";
        }
        ByteBuffer words = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
        long vm = words.getLong();
        long gfn = words.getLong();
        long counter = words.getLong();
        long check = words.getLong();
        if ((vm | gfn | counter | check) == 0) {
            return "zeros";
        }
        if (vm == vmId && check == check(gfn, counter)) {
            return "the stamp of gfn 0x" + Long.toHexString(gfn) + ", write " + counter;
        }
        return "no stamp: %016x %016x %016x %016x".formatted(vm, gfn, counter, check);
    }

    private long check(long gfn, long counter) {
        return mix(mix(mix(vmId ^ seed) ^ gfn) ^ counter) | 1;
    }

    /** The finalizer of SplitMix64: every input bit reaches every output bit. */
    static long mix(long value) {
        long z = value + 0x9E37_79B9_7F4A_7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D0_49BB_1331_11EBL;
        return z ^ (z >>> 31);
    }
}
