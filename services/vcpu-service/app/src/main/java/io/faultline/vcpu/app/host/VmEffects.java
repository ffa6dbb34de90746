// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.host;

import io.faultline.model.AuditStep;
import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import io.faultline.model.Refusal;
import io.faultline.model.Resolution;
import io.faultline.model.SyncReason;
import io.faultline.telemetry.TraceParent;
import io.faultline.vcpu.domain.Effects;
import org.jspecify.annotations.Nullable;

/** One VM's effects, each handed to the plane it is for with the VM's name. Loop thread only. */
final class VmEffects implements Effects {
    private final HostedVm vm;
    private final FaultOutcomes outcomes;
    private final PageTiers tiers;
    private final Notifications notifications;
    private final Planes planes;

    VmEffects(HostedVm vm, Planes planes) {
        this.vm = vm;
        this.planes = planes;
        this.outcomes = planes.outcomes();
        this.tiers = planes.tiers();
        this.notifications = planes.notifications();
    }

    @Override
    public void decided(long faultRef) {
        outcomes.decided(faultRef);
    }

    @Override
    public void arrived(long faultRef) {
        outcomes.arrived(faultRef);
    }

    @Override
    public void refused(long faultRef, Refusal refusal) {
        outcomes.refused(faultRef, refusal);
    }

    @Override
    public void access(long faultRef, int frame) {
        outcomes.access(faultRef, vm.memory(), frame);
    }

    @Override
    public void mapped(long faultRef, PageSource source, SyncReason reason) {
        outcomes.mapped(faultRef, source, reason);
    }

    @Override
    public void async(long faultRef, int token) {
        outcomes.async(faultRef, token);
    }

    @Override
    public void resolved(long faultRef, int token, PageSource source, Resolution resolution) {
        outcomes.resolved(faultRef, token, source, resolution);
    }

    @Override
    public void failed(long faultRef, FailReason reason) {
        outcomes.failed(faultRef, reason);
    }

    @Override
    public void zero(int frame) {
        vm.memory().clear(frame);
    }

    @Override
    public void fetch(int frame, long gfn, long version, int crc, long faultRef) {
        tiers.fetch(vm, frame, gfn, version, crc, faultRef == NO_FAULT ? null : outcomes.fetching(faultRef));
    }

    @Override
    public void writeOut(int frame, long gfn, long version) {
        tiers.store(vm, frame, gfn, version);
    }

    @Override
    public void discard(long gfn, long version) {
        tiers.discard(vm, gfn, version);
    }

    @Override
    public boolean prefetch(long gfn, long version) {
        return tiers.prefetch(vm, gfn, version);
    }

    @Override
    public void create(int vcpuId, long epoch, int sdeiEvent, int pageReadyInterrupt) {
        notifications.create(
                vm.id(),
                vcpuId,
                epoch,
                sdeiEvent,
                pageReadyInterrupt,
                vm.registrant().name());
    }

    @Override
    public void destroy(int vcpuId, long epoch) {
        notifications.destroy(vm.id(), vcpuId, epoch);
    }

    @Override
    public void arm(int vcpuId, long epoch, long control, int sdeiEvent, int pageReadyInterrupt) {
        notifications.arm(vm.id(), vcpuId, epoch, control, sdeiEvent, pageReadyInterrupt);
    }

    @Override
    public void disarm(int vcpuId, long epoch) {
        notifications.disarm(vm.id(), vcpuId, epoch);
    }

    @Override
    public void reset(int vcpuId, long epoch) {
        notifications.reset(vm.id(), vcpuId, epoch);
    }

    @Override
    public void publish(int vcpuId, long epoch, int token, long cause, long faultRef, boolean mayWait) {
        @Nullable TraceParent trace = outcomes.publishing(faultRef, token);
        if (mayWait) {
            notifications.publishOrWait(vm.id(), vcpuId, epoch, token, cause, trace);
        } else {
            notifications.publish(vm.id(), vcpuId, epoch, token, cause, trace);
        }
    }

    @Override
    public void withdraw(int vcpuId, long epoch, int token) {
        notifications.withdraw(vm.id(), vcpuId, epoch, token);
    }

    @Override
    public void complete(int vcpuId, long epoch, int token, long cause, long faultRef) {
        notifications.complete(vm.id(), vcpuId, epoch, token, cause, outcomes.completing(faultRef));
    }

    @Override
    public void wakeAll(int vcpuId, long epoch) {
        notifications.wakeAll(vm.id(), vcpuId, epoch);
    }

    @Override
    public void registered() {
        vm.registered();
    }

    @Override
    public void configured(int vcpuId, long requestId, long result, long value) {
        vm.configured(requestId, result, value);
    }

    @Override
    public void hostPageReady(long requestId, long gfn, int frame) {
        vm.hostPageReady(requestId, gfn, frame);
    }

    @Override
    public void hostPageFailed(long requestId, long gfn, FailReason reason) {
        vm.hostPageFailed(requestId, gfn, reason);
    }

    @Override
    public void audit(AuditStep step) {
        planes.audit().append(step);
    }
}
