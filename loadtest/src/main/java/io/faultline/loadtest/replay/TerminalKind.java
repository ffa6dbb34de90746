// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import io.faultline.loadtest.grpc.FaultOutcome;
import io.faultline.model.PageSource;
import io.faultline.model.SyncReason;

/** How a fault ended, as reports count it. */
public enum TerminalKind {
    /** The page was there already, or was taken back on its way out. */
    MAPPED_RESIDENT,
    /** The page was never written: zeros, no fetch. */
    MAPPED_ZERO_FILL,
    /** The vCPU stood still until the page was there. */
    MAPPED_SYNC,
    /** The vCPU ran on and was told when the page was there. */
    RESOLVED_READY,
    /** The vCPU would have run on, but the page was there before it could be told. */
    RESOLVED_CANCELLED,
    /** The vCPU ran on, and notifications ended before the page was there. */
    RESOLVED_DROPPED,
    /** Nothing was mapped. */
    FAILED;

    /** The kind of a terminal outcome. */
    public static TerminalKind of(FaultOutcome outcome) {
        return switch (outcome.kind()) {
            case MAPPED -> {
                if (outcome.syncReason() != SyncReason.NONE) {
                    yield MAPPED_SYNC;
                }
                yield outcome.source() == PageSource.ZERO_FILL ? MAPPED_ZERO_FILL : MAPPED_RESIDENT;
            }
            case RESOLVED ->
                switch (outcome.resolution()) {
                    case READY -> RESOLVED_READY;
                    case CANCELLED -> RESOLVED_CANCELLED;
                    case DROPPED -> RESOLVED_DROPPED;
                    case NONE ->
                        throw new IllegalArgumentException("resolution: none (expected: ready, cancelled or dropped)");
                };
            case FAILED -> FAILED;
            case ASYNC -> throw new IllegalArgumentException("outcome: ASYNC (expected: a terminal one)");
        };
    }
}
