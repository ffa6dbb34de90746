// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation;

import io.faultline.model.AuditStep;
import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import io.faultline.model.Resolution;
import io.faultline.model.SyncReason;
import io.faultline.vcpu.domain.Effects;

/** A VM without asynchronous faults that only reads: its pages are fetched and mapped, whatever else it wants is an error. */
abstract class QuietEffects implements Effects {
    /** A fault has its page. */
    abstract void mapped(long faultRef, PageSource source);

    @Override
    public void mapped(long faultRef, PageSource source, SyncReason reason) {
        mapped(faultRef, source);
    }

    @Override
    public void access(long faultRef, int frame) {}

    @Override
    public void audit(AuditStep step) {}

    @Override
    public void registered() {}

    @Override
    public void async(long faultRef, int token) {
        throw unexpected("an asynchronous fault");
    }

    @Override
    public void resolved(long faultRef, int token, PageSource source, Resolution resolution) {
        throw unexpected("an asynchronous fault");
    }

    @Override
    public void failed(long faultRef, FailReason reason) {
        throw unexpected(reason.toString());
    }

    @Override
    public void zero(int frame) {
        throw unexpected("a page of zeros");
    }

    @Override
    public void writeOut(int frame, long gfn, long version) {
        throw unexpected("a write-out");
    }

    @Override
    public void discard(long gfn, long version) {
        throw unexpected("a discard");
    }

    @Override
    public void create(int vcpuId, long epoch, int sdeiEvent, int pageReadyInterrupt) {
        throw unexpected("a command for the notifier");
    }

    @Override
    public void destroy(int vcpuId, long epoch) {
        throw unexpected("a command for the notifier");
    }

    @Override
    public void arm(int vcpuId, long epoch, long control, int sdeiEvent, int pageReadyInterrupt) {
        throw unexpected("a command for the notifier");
    }

    @Override
    public void disarm(int vcpuId, long epoch) {
        throw unexpected("a command for the notifier");
    }

    @Override
    public void reset(int vcpuId, long epoch) {
        throw unexpected("a command for the notifier");
    }

    @Override
    public void publish(int vcpuId, long epoch, int token, long cause, long faultRef, boolean mayWait) {
        throw unexpected("a command for the notifier");
    }

    @Override
    public void withdraw(int vcpuId, long epoch, int token) {
        throw unexpected("a command for the notifier");
    }

    @Override
    public void complete(int vcpuId, long epoch, int token, long cause, long faultRef) {
        throw unexpected("a command for the notifier");
    }

    @Override
    public void wakeAll(int vcpuId, long epoch) {
        throw unexpected("a command for the notifier");
    }

    @Override
    public void configured(int vcpuId, long requestId, long result, long value) {
        throw unexpected("a hypercall's answer");
    }

    @Override
    public void hostPageReady(long requestId, long gfn, int frame) {
        throw unexpected("the host's access");
    }

    @Override
    public void hostPageFailed(long requestId, long gfn, FailReason reason) {
        throw unexpected("the host's access");
    }

    private static AssertionError unexpected(String what) {
        return new AssertionError(what + " (expected: none)");
    }
}
