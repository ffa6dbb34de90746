// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.verify;

import io.faultline.proto.audit.v1.AuditBlock;
import java.util.HashMap;
import java.util.Map;

/**
 * Tells blocks that come again from blocks that come too late. Only a block that says it was replayed, or one whose number
 * was, may come again: everything else is the auditor's to judge. Owned by the auditor.
 */
final class Replays {
    private record Key(String source, long incarnation, long vmId) {}

    private static final class Last {
        long number;
        long replayed;
    }

    private final Map<Key, Last> last = new HashMap<>();
    private long count;

    /** Whether the block was there before, and that is in order. */
    boolean isAgain(AuditBlock block) {
        if (block.getNumber() == 0) {
            return false;
        }
        Last known = last.computeIfAbsent(
                new Key(block.getSource(), block.getIncarnation(), block.getVmId()), _ -> new Last());
        // A broker may have kept what the producer before the replay had sent, and tell of it late.
        boolean mayBeAgain = block.getReplayed() || block.getNumber() <= known.replayed;
        boolean isAgain = mayBeAgain && block.getNumber() <= known.number;
        known.number = Math.max(known.number, block.getNumber());
        if (block.getReplayed()) {
            known.replayed = Math.max(known.replayed, block.getNumber());
        }
        if (isAgain) {
            count++;
        }
        return isAgain;
    }

    /** How many blocks came again. */
    long count() {
        return count;
    }
}
