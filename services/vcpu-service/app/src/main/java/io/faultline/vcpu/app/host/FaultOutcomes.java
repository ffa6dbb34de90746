// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.host;

import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import io.faultline.model.Refusal;
import io.faultline.model.Resolution;
import io.faultline.model.SyncReason;
import io.faultline.telemetry.TraceParent;
import io.faultline.vcpu.app.memory.FrameMemory;
import org.jspecify.annotations.Nullable;

/**
 * Where faults' outcomes go: to whoever raised them. A fault is named by the reference it was raised with. Loop thread
 * only.
 */
public interface FaultOutcomes {
    /** The fault is decided now: no other of its vCPU is in the way. */
    void decided(long faultRef);

    /** The fault's page is in a frame. */
    void arrived(long faultRef);

    /** The fault's token is about to be published; the span of that, or null for a fault that is not traced. */
    @Nullable
    TraceParent publishing(long faultRef, int token);

    /** The fault's publication was refused. */
    void refused(long faultRef, Refusal refusal);

    /** The page that the fault waits for is about to be fetched; the span of that, or null for a fault that is not traced. */
    @Nullable
    TraceParent fetching(long faultRef);

    /** The fault's completion is about to be told; the span of that, or null for a fault that is not traced. */
    @Nullable
    TraceParent completing(long faultRef);

    /** Carries out the fault's access on its frame, load before store. */
    void access(long faultRef, FrameMemory memory, int frame);

    /** Terminal: the page is mapped. */
    void mapped(long faultRef, PageSource source, SyncReason reason);

    /** Intermediate: the guest is told by token. */
    void async(long faultRef, int token);

    /** Terminal: the token has ended. */
    void resolved(long faultRef, int token, PageSource source, Resolution resolution);

    /** Terminal: nothing was mapped. */
    void failed(long faultRef, FailReason reason);
}
