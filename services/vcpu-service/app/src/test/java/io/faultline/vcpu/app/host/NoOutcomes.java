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

/** Nobody who raised a fault. */
public final class NoOutcomes implements FaultOutcomes {
    @Override
    public void decided(long faultRef) {}

    @Override
    public void arrived(long faultRef) {}

    @Override
    public @Nullable TraceParent publishing(long faultRef, int token) {
        return null;
    }

    @Override
    public void refused(long faultRef, Refusal refusal) {}

    @Override
    public @Nullable TraceParent fetching(long faultRef) {
        return null;
    }

    @Override
    public @Nullable TraceParent completing(long faultRef) {
        return null;
    }

    @Override
    public void access(long faultRef, FrameMemory memory, int frame) {}

    @Override
    public void mapped(long faultRef, PageSource source, SyncReason reason) {}

    @Override
    public void async(long faultRef, int token) {}

    @Override
    public void resolved(long faultRef, int token, PageSource source, Resolution resolution) {}

    @Override
    public void failed(long faultRef, FailReason reason) {}
}
