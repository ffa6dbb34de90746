// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A guest's connection: the calls of the vCPUs of one VM that it attached to. A call on any other vCPU has no effect, and is
 * answered DENIED where it wants a result: the host may have detached the vCPU while the call was under way. Owned by the
 * machine's thread.
 */
public final class GuestSession {
    /* COMPLETE's status of a handler that could not do its work. */
    private static final long STATUS_FAILED = 1;

    private final NotificationMachine machine;
    private final GuestPort port;
    private final Set<Vcpu> vcpus = new LinkedHashSet<>();
    private long vmId;
    private boolean hasVm;
    private @Nullable Vcpu lastAttached;

    GuestSession(NotificationMachine machine, GuestPort port) {
        this.machine = machine;
        this.port = port;
    }

    /** A vCPU of the VM came up here; wherever it was attached, it is detached from there first. */
    public Attachment attach(long vmId, int vcpuId, long callId) {
        if (hasVm && this.vmId != vmId) {
            return Attachment.OTHER_VM;
        }
        Vcpu vcpu = machine.find(vmId, vcpuId);
        if (vcpu == null) {
            return Attachment.NOT_FOUND;
        }
        this.vmId = vmId;
        hasVm = true;
        GuestSession previous = vcpu.guest();
        if (previous == this) {
            vcpu.detach();
        } else if (previous != null) {
            previous.release(vcpu, "another connection took the vCPU over");
        }
        vcpus.add(vcpu);
        lastAttached = vcpu;
        vcpu.attach(this);
        vcpu.reports().event(HostEventKind.ATTACHED).callId(callId);
        vcpu.reports().send();
        machine.touch(vcpu);
        return Attachment.ATTACHED;
    }

    /** Whether an attach took effect on this session. */
    public boolean hasAttached() {
        return hasVm;
    }

    /**
     * Whether the VM's owner takes the news that this guest's coming and going makes. While it does not, the guest must
     * not be read, or the news would pile up.
     */
    public boolean isOwnerWritable() {
        OwnerSession owner = lastAttached == null ? null : lastAttached.owner();
        return owner == null || owner.port().isWritable();
    }

    /** The vCPU made an SDEI call. A handler that ends answers RESUMED in place of a result. */
    public void sdeiCall(GuestCall call) {
        Vcpu vcpu = find(call.vcpuId(), call.id());
        if (vcpu == null) {
            return;
        }
        SdeiPe pe = vcpu.notifications().pe();
        CpuContext context = call.context();
        if (context != null) {
            pe.keepRegisters(context);
        }
        switch (call.function()) {
            case SdeiCalls.EVENT_COMPLETE -> complete(vcpu, call, HandlerAction.COMPLETE);
            case SdeiCalls.EVENT_COMPLETE_AND_RESUME -> complete(vcpu, call, HandlerAction.COMPLETE_AND_RESUME);
            case SdeiCalls.EVENT_SIGNAL -> result(call.vcpuId(), call.id(), signal(call));
            default -> result(call.vcpuId(), call.id(), SdeiCalls.answer(pe, call));
        }
        machine.touch(vcpu);
    }

    /** The vCPU wrote zeros to the shared area. */
    public void clearArea(int vcpuId, long callId, AreaWords words) {
        Vcpu vcpu = find(vcpuId, callId);
        if (vcpu != null) {
            vcpu.notifications().clearArea(words);
            result(vcpuId, callId, SdeiResult.SUCCESS);
            machine.touch(vcpu);
        }
    }

    /** The vCPU acknowledged the page-ready interrupt. */
    public void acknowledge(int vcpuId, long callId) {
        Vcpu vcpu = find(vcpuId, callId);
        if (vcpu != null) {
            vcpu.notifications().acknowledge();
            result(vcpuId, callId, SdeiResult.SUCCESS);
            machine.touch(vcpu);
        }
    }

    /** The vCPU goes away in good order. */
    public void detach(int vcpuId, long callId) {
        Vcpu vcpu = find(vcpuId, callId);
        if (vcpu != null) {
            result(vcpuId, callId, SdeiResult.SUCCESS);
            release(vcpu, "the guest asked for it");
        }
    }

    /** The connection is not congested any more: what was held back goes out at the next entry. */
    public void writable() {
        for (Vcpu vcpu : vcpus) {
            machine.touch(vcpu);
        }
    }

    /** The connection ended: every vCPU is detached, and nobody is told. */
    public void close() {
        for (Vcpu vcpu : vcpus) {
            vcpu.detach();
        }
        vcpus.clear();
    }

    /** Detaches every vCPU and tells the guest why, in a sentence for a person. */
    public void dismiss(String detail) {
        while (!vcpus.isEmpty()) {
            release(vcpus.iterator().next(), detail);
        }
    }

    /** Detaches a vCPU of this session and tells the guest why. */
    void release(Vcpu vcpu, String detail) {
        vcpu.reports().event(HostEventKind.DETACHED).detail(detail);
        vcpu.reports().send();
        vcpus.remove(vcpu);
        vcpu.detach();
    }

    GuestPort port() {
        return port;
    }

    private void complete(Vcpu vcpu, GuestCall call, HandlerAction how) {
        SdeiPe pe = vcpu.notifications().pe();
        SdeiEvent completed = pe.complete(how);
        if (completed == null) {
            result(call.vcpuId(), call.id(), SdeiResult.DENIED);
            return;
        }
        boolean failed = how == HandlerAction.COMPLETE && call.argument(1) == STATUS_FAILED;
        vcpu.notifications().handled(completed, failed);
        long resumedAt = 0;
        if (how == HandlerAction.COMPLETE_AND_RESUME) {
            resumedAt = call.argument(1);
            pe.resumeAt(resumedAt);
        }
        CpuContext registers = pe.registers();
        if (call.id() != 0 || registers != null) {
            vcpu.reports()
                    .event(HostEventKind.RESUMED)
                    .callId(call.id())
                    .entry(registers == null ? resumedAt : registers.pc())
                    .context(registers);
            vcpu.reports().send();
        }
    }

    /** Any PE of the VM may be signalled, wherever its guest is attached: that a guest is makes it a PE at all. */
    private long signal(GuestCall call) {
        int vcpuId = Mpidr.vcpuId(call.argument(2));
        Vcpu target = vcpuId == Mpidr.NO_VCPU ? null : machine.find(vmId, vcpuId);
        if (call.argument(1) != SdeiEvent.SOFTWARE_SIGNALLED || target == null || target.guest() == null) {
            return SdeiResult.INVALID_PARAMETERS;
        }
        long result = target.notifications().pe().signal();
        machine.touch(target);
        return result;
    }

    private void result(int vcpuId, long callId, long result) {
        if (callId != 0) {
            machine.out().event(HostEventKind.RESULT, vcpuId).callId(callId).result(result);
            machine.out().send(port);
        }
    }

    private @Nullable Vcpu find(int vcpuId, long callId) {
        Vcpu vcpu = machine.find(vmId, vcpuId);
        if (vcpu == null || vcpu.guest() != this) {
            machine.counters().countStrayCall();
            result(vcpuId, callId, SdeiResult.DENIED);
            return null;
        }
        return vcpu;
    }
}
