// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report.history;

import io.faultline.loadtest.replay.TerminalKind;
import java.util.Locale;

/** What a fault meant for its vCPU. */
enum FaultWay {
    /** The vCPU ran on with other tasks. */
    ASYNCHRONOUS,
    /** The vCPU stood still until the page was there. */
    SYNCHRONOUS,
    /** The page was there. */
    RESIDENT,
    /** The page was never written: zeros, without a fetch. */
    ZERO_FILL,
    /** Nothing was mapped. */
    FAILED;

    static FaultWay of(TerminalKind kind) {
        return switch (kind) {
            case RESOLVED_READY, RESOLVED_CANCELLED, RESOLVED_DROPPED -> ASYNCHRONOUS;
            case MAPPED_SYNC -> SYNCHRONOUS;
            case MAPPED_RESIDENT -> RESIDENT;
            case MAPPED_ZERO_FILL -> ZERO_FILL;
            case FAILED -> FAILED;
        };
    }

    /** Its key in a JSON object. */
    String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
