// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.host;

import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import io.faultline.model.Resolution;
import io.faultline.model.SyncReason;
import io.faultline.vcpu.app.memory.FrameMemory;

/**
 * Where faults' outcomes go: to whoever raised them. A fault is named by the reference it was raised with. Loop thread
 * only.
 */
public interface FaultOutcomes {
    /** The fault is decided now: no other of its vCPU is in the way. */
    void decided(long faultRef);

    /** The fault's page is in a frame. */
    void arrived(long faultRef);

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
