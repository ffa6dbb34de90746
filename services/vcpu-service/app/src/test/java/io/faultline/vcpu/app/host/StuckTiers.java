// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.host;

import io.faultline.telemetry.TraceParent;
import io.faultline.vcpu.domain.PageImport;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Tiers that never answer a fetch or a store. */
public final class StuckTiers implements PageTiers {
    @Override
    public void fetch(HostedVm vm, int frame, long gfn, long version, int crc, @Nullable TraceParent trace) {}

    @Override
    public void store(HostedVm vm, int frame, long gfn, long version) {}

    @Override
    public void storeImport(HostedVm vm, PageImport page, MemorySegment bytes) {}

    @Override
    public void discard(HostedVm vm, long gfn, long version) {}

    @Override
    public void begin(HostedVm vm) {}

    @Override
    public boolean prefetch(HostedVm vm, long gfn, long version) {
        return false;
    }

    @Override
    public void drop(HostedVm vm, Runnable done) {
        done.run();
    }

    @Override
    public boolean keep(long vmId) {
        return true;
    }
}
