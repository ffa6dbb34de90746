// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.grpc;

import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import io.faultline.model.Resolution;
import io.faultline.model.SyncReason;
import java.nio.ByteBuffer;

/**
 * What the fault plane said of one fault. Immutable.
 *
 * @param sequence the fault's number
 * @param kind which of the four
 * @param token with ASYNC and RESOLVED, else 0
 * @param source where the page's bytes came from, with MAPPED and RESOLVED
 * @param syncReason why the vCPU stood still, with MAPPED
 * @param resolution how it ended, with RESOLVED
 * @param failReason why nothing was mapped, with FAILED
 * @param loaded the bytes that were asked for, with MAPPED and RESOLVED
 * @param detail a sentence for a person, with FAILED
 */
public record FaultOutcome(
        long sequence,
        Kind kind,
        int token,
        PageSource source,
        SyncReason syncReason,
        Resolution resolution,
        FailReason failReason,
        ByteBuffer loaded,
        String detail) {

    /** The shape of an outcome. */
    public enum Kind {
        /** Terminal: the page is mapped. */
        MAPPED,
        /** Intermediate: the vCPU runs on. */
        ASYNC,
        /** Terminal, after ASYNC. */
        RESOLVED,
        /** Terminal: nothing was mapped. */
        FAILED
    }
}
