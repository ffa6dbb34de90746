// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.host;

import io.faultline.model.FailReason;
import io.faultline.rpc.access.Caller;
import io.faultline.vcpu.app.memory.FrameMemory;
import io.faultline.vcpu.domain.MachineSpec;
import io.faultline.vcpu.domain.Vcpu;
import io.faultline.vcpu.domain.VirtualMachine;
import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import org.jspecify.annotations.Nullable;

/**
 * A VM of this service: its state machine, the memory of its frames, and its owner's calls that are not answered yet.
 * Loop thread only, but for what says otherwise.
 */
public final class HostedVm {
    private final MachineSpec spec;
    private final Caller registrant;
    private final VirtualMachine machine;
    private final FrameMemory memory;
    private final LongObjectMap<MemoryTransfer> transfers = new LongObjectHashMap<>();
    private final LongObjectMap<ConfigureAnswer> configuring = new LongObjectHashMap<>();
    private long requests;
    private int pageRequests;
    private TierQuota tierQuota = TierQuota.DEFAULT;
    private Runnable registered = () -> {};
    private @Nullable MemoryImport importing;
    private volatile int workingSetPagesSaved;
    private boolean closed;

    /**
     * A VM that has said nothing yet.
     *
     * @throws IllegalArgumentException for a spec that the machine refuses
     */
    HostedVm(MachineSpec spec, Caller registrant, Planes planes) {
        this.spec = spec;
        this.registrant = registrant;
        this.machine = new VirtualMachine(spec, new VmEffects(this, planes));
        this.memory = new FrameMemory(spec.residentPagesMax(), spec.pageSize());
    }

    /** The VM's id. */
    public long id() {
        return spec.vmId();
    }

    /** What the VM was registered with. */
    public MachineSpec spec() {
        return spec;
    }

    /** Who registered it. */
    public Caller registrant() {
        return registrant;
    }

    /** What it may have of the pagers' tiers. */
    public TierQuota tierQuota() {
        return tierQuota;
    }

    /** Says what it may have of the pagers' tiers. */
    public void setTierQuota(TierQuota quota) {
        tierQuota = quota;
    }

    /** Its state machine. */
    public VirtualMachine machine() {
        return machine;
    }

    /** The memory of its frames, until the VM is closed. */
    public FrameMemory memory() {
        return memory;
    }

    /** The bytes that its frames may take. */
    public long framesBytes() {
        return (long) spec.residentPagesMax() << spec.pageSize().shift();
    }

    /** Whether the VM has ended: its machine takes no input and its memory is gone. */
    public boolean isClosed() {
        return closed;
    }

    /** Whether anything waits that only time may end. */
    public boolean isWaiting() {
        return machine.faultsInFlight() > 0
                || !transfers.isEmpty()
                || !configuring.isEmpty()
                || importing != null
                || machine.isHintingWorkingSet();
    }

    /** How many pages its working set had when it was last written. */
    public int workingSetPagesSaved() {
        return workingSetPagesSaved;
    }

    /** Its working set is written, with so many pages. From whichever thread writes it. */
    public void workingSetSaved(int pages) {
        workingSetPagesSaved = pages;
    }

    /** One more request to the page plane is open. */
    public void pageRequestOpened() {
        pageRequests++;
    }

    /** A request to the page plane has ended. */
    public void pageRequestClosed() {
        pageRequests--;
    }

    /** Whether the page plane may still do something that this VM asked for. */
    public boolean hasPageRequests() {
        return pageRequests > 0;
    }

    /** A guest's hypercall on one of the vCPUs; {@code answer} comes once. */
    public void hypercall(Vcpu vcpu, int function, int argument2, int argument3, ConfigureAnswer answer, long nowNs) {
        vcpu.hypercall(awaiting(answer), function, argument2, argument3, nowNs);
    }

    /** A VMM's ioctl on one of the vCPUs; {@code answer} comes once. */
    public void ioctl(Vcpu vcpu, int command, long value, ConfigureAnswer answer, long nowNs) {
        vcpu.ioctl(awaiting(answer), command, value, nowNs);
    }

    void open(boolean notifierConnected, Runnable registered, long nowNs) {
        this.registered = registered;
        machine.open(notifierConnected, nowNs);
    }

    void close(long nowNs) {
        machine.close(nowNs);
        closed = true;
        memory.close();
        if (importing != null) {
            importing.vmClosed();
        }
    }

    /** Whether a memory image is being brought in. */
    public boolean isImporting() {
        return importing != null;
    }

    void begin(MemoryImport memoryImport) {
        importing = memoryImport;
    }

    void importEnded() {
        importing = null;
    }

    long begin(MemoryTransfer transfer) {
        long requestId = ++requests;
        transfers.put(requestId, transfer);
        return requestId;
    }

    void end(long requestId) {
        transfers.remove(requestId);
    }

    void registered() {
        Runnable answer = registered;
        registered = () -> {};
        answer.run();
    }

    void configured(long requestId, long result, long value) {
        ConfigureAnswer answer = configuring.remove(requestId);
        if (answer != null) {
            answer.configured(result, value);
        }
    }

    void hostPageReady(long requestId, long gfn, int frame) {
        MemoryTransfer transfer = transfers.get(requestId);
        if (transfer != null) {
            transfer.pageReady(gfn, frame);
        }
    }

    void hostPageFailed(long requestId, long gfn, FailReason reason) {
        MemoryTransfer transfer = transfers.get(requestId);
        if (transfer != null) {
            transfer.pageFailed(gfn, reason);
        }
    }

    private long awaiting(ConfigureAnswer answer) {
        long requestId = ++requests;
        configuring.put(requestId, answer);
        return requestId;
    }

    /** Hears the answer to a hypercall or an ioctl: what the kernel would have said. */
    @FunctionalInterface
    public interface ConfigureAnswer {
        /** The result, and what an ioctl's GET returned. */
        void configured(long result, long value);
    }
}
