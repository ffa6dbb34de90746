// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.model.AuditStep;
import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import io.faultline.model.Resolution;
import io.faultline.model.SyncReason;

/** Keeps of each effect what the next input needs or what a benchmark checks, and nothing else. */
final class LatestEffects implements Effects {
    int token;
    int frame;
    long publications;
    long residentMappings;
    long readyResolutions;
    /** Each audit step leaves a trace here, so that making it cannot be optimised away. */
    long auditTrace;

    @Override
    public void publish(int vcpuId, long epoch, int published, long cause, long faultRef, boolean mayWait) {
        token = published;
        publications++;
    }

    @Override
    public void withdraw(int vcpuId, long epoch, int published) {}

    @Override
    public void fetch(int into, long gfn, long version, int crc, long faultRef) {
        frame = into;
    }

    @Override
    public void audit(AuditStep step) {
        auditTrace += step.sequence() ^ step.gfn();
    }

    @Override
    public void mapped(long faultRef, PageSource source, SyncReason reason) {
        if (source == PageSource.RESIDENT) {
            residentMappings++;
        }
    }

    @Override
    public void resolved(long faultRef, int ended, PageSource source, Resolution resolution) {
        if (resolution == Resolution.READY) {
            readyResolutions++;
        }
    }

    @Override
    public void failed(long faultRef, FailReason reason) {
        throw new IllegalStateException("fault " + faultRef + " failed: " + reason + " (expected: none does)");
    }

    @Override
    public void access(long faultRef, int at) {}

    @Override
    public void async(long faultRef, int issued) {}

    @Override
    public void zero(int at) {}

    @Override
    public void writeOut(int at, long gfn, long version) {}

    @Override
    public void discard(long gfn, long version) {}

    @Override
    public void create(int vcpuId, long epoch, int sdeiEvent, int pageReadyInterrupt) {}

    @Override
    public void destroy(int vcpuId, long epoch) {}

    @Override
    public void arm(int vcpuId, long epoch, long control, int sdeiEvent, int pageReadyInterrupt) {}

    @Override
    public void disarm(int vcpuId, long epoch) {}

    @Override
    public void reset(int vcpuId, long epoch) {}

    @Override
    public void complete(int vcpuId, long epoch, int completed, long cause, long faultRef) {}

    @Override
    public void wakeAll(int vcpuId, long epoch) {}

    @Override
    public void registered() {}

    @Override
    public void configured(int vcpuId, long requestId, long result, long value) {}

    @Override
    public void hostPageReady(long requestId, long gfn, int at) {}

    @Override
    public void hostPageFailed(long requestId, long gfn, FailReason reason) {}
}
