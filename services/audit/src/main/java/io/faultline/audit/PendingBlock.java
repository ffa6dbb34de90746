// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import io.faultline.audit.spool.Block;
import org.jspecify.annotations.Nullable;

/** A block that was given to a producer. The publishing thread's, but for {@link #settle}, which is the producer's thread's. */
final class PendingBlock {
    /** The sequence of a block that is in memory only. */
    static final long NOT_SPOOLED = 0;
    /** What a block costs beside its bytes, here and in Kafka's buffer. */
    private static final int OVERHEAD_BYTES = 512;

    final Block block;
    final long sentUs;
    /** The block's place in the spool. */
    long sequence;

    private @Nullable Exception failure;
    private long settledUs;
    private volatile boolean settled;

    PendingBlock(Block block, long sequence, long sentUs) {
        this.block = block;
        this.sequence = sequence;
        this.sentUs = sentUs;
    }

    /** The producer is done with it. */
    void settle(long nowUs, @Nullable Exception why) {
        settledUs = nowUs;
        failure = why;
        settled = true;
    }

    boolean isSettled() {
        return settled;
    }

    boolean isAcknowledged() {
        return settled && failure == null;
    }

    /** Why the producer gave it up; null if it did not. */
    @Nullable
    Exception failure() {
        return settled ? failure : null;
    }

    /** When it was acknowledged. */
    long settledUs() {
        return settledUs;
    }

    boolean isSpooled() {
        return sequence != NOT_SPOOLED;
    }

    static long bytes(Block block) {
        return block.value().length + (long) OVERHEAD_BYTES;
    }
}
