// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance.driver;

import com.google.protobuf.ByteString;
import io.faultline.model.AsyncPf;
import io.faultline.model.Token;
import io.faultline.proto.vcpu.v1.AsyncPfHypercall;
import io.faultline.proto.vcpu.v1.AsyncPfIoctl;
import io.faultline.proto.vcpu.v1.ConfigureAsyncPfRequest;
import io.faultline.proto.vcpu.v1.ExportVcpuStateRequest;
import io.faultline.proto.vcpu.v1.FaultBatch;
import io.faultline.proto.vcpu.v1.FaultServiceGrpc;
import io.faultline.proto.vcpu.v1.GetVmRequest;
import io.faultline.proto.vcpu.v1.ImportVcpuStateRequest;
import io.faultline.proto.vcpu.v1.Memslot;
import io.faultline.proto.vcpu.v1.OutcomeBatch;
import io.faultline.proto.vcpu.v1.ReadMemoryRequest;
import io.faultline.proto.vcpu.v1.RegisterVmRequest;
import io.faultline.proto.vcpu.v1.ResetVcpuRequest;
import io.faultline.proto.vcpu.v1.Resolution;
import io.faultline.proto.vcpu.v1.SetMemslotRequest;
import io.faultline.proto.vcpu.v1.SyncReason;
import io.faultline.proto.vcpu.v1.UnregisterVmRequest;
import io.faultline.proto.vcpu.v1.VcpuState;
import io.faultline.proto.vcpu.v1.VmCounters;
import io.faultline.proto.vcpu.v1.VmServiceGrpc;
import io.faultline.proto.vcpu.v1.VmSpec;
import io.faultline.proto.vcpu.v1.WriteMemoryRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A VM at vcpu-service: its owner's calls, its vCPUs' hypercalls, and the faults of its tasks. It has four times as many
 * pages as frames, all written, so most are below the guest; which ones is found out by touching them, and nothing is
 * assumed of how long a page takes. Used by the case's thread.
 */
public final class Machine {
    /** Frames. */
    public static final int FRAMES = 64;
    /** Pages of memory, each of which holds a pattern of its own. */
    public static final int PAGES = 4 * FRAMES;
    /** A page's size, in bytes. */
    public static final int PAGE_BYTES = 4_096;
    /** The memslot of those pages. */
    public static final int RAM_SLOT = 0;
    /** The memslot of the shared areas, one page. */
    public static final int AREA_SLOT = 1;

    private static final long BASE_GFN = 0x4_2000;
    private static final long AREA_GFN = 0x18_0000;
    private static final int AREA_BYTES = 64;
    private static final int LOAD_BYTES = 16;
    private static final int ATTEMPTS_MAX = 2 * PAGES;
    private static final int ENABLE = 4;
    private static final long ENABLED = 1;

    private final Deployment deployment;
    private final Conversation conversation;
    private final long vmId;
    private final Map<Long, Fault> faults = new HashMap<>();
    private final Talk<OutcomeBatch> talk;
    private final StreamObserver<FaultBatch> raise;
    private long lastSequence;
    private int nextPage;
    private boolean isGone;

    private Machine(Deployment deployment, long vmId) {
        this.deployment = deployment;
        this.conversation = deployment.conversation();
        this.vmId = vmId;
        talk = new Talk<>(conversation, "Raise", this::hear);
        raise = FaultServiceGrpc.newStub(deployment.endpoints().vcpu()).raise(talk);
    }

    static Machine register(Deployment deployment, long vmId, boolean irqchip, int... vcpuIds) {
        VmSpec.Builder spec = VmSpec.newBuilder()
                .setVmId(vmId)
                .addMemslots(ramSlot())
                .addMemslots(areaSlot())
                .setResidentPagesMax(FRAMES)
                .setPageSizeBytes(PAGE_BYTES)
                .setSdeiEvent(Guest.EVENT)
                .setPageReadyInterrupt(AsyncPf.DEFAULT_INTERRUPT)
                .setNoIrqchip(!irqchip);
        for (int vcpuId : vcpuIds) {
            spec.addVcpuIds(vcpuId);
        }
        deployment.conversation().said("VMM: registers VM " + vmId + " with vCPUs " + Arrays.toString(vcpuIds));
        var _ = vms(deployment)
                .registerVm(RegisterVmRequest.newBuilder().setSpec(spec).build());
        Machine machine = new Machine(deployment, vmId);
        deployment.began(machine::end);
        machine.writes(0, machine.written(0, PAGES));
        return machine;
    }

    /** The memslot of the VM's memory, as it is registered. */
    public static Memslot.Builder ramSlot() {
        return Memslot.newBuilder().setSlot(RAM_SLOT).setBaseGfn(BASE_GFN).setPages(PAGES);
    }

    /** The memslot of the shared areas, as it is registered. */
    public static Memslot.Builder areaSlot() {
        return Memslot.newBuilder().setSlot(AREA_SLOT).setBaseGfn(AREA_GFN).setPages(1);
    }

    /** The VM's id. */
    public long vmId() {
        return vmId;
    }

    /** Where a page begins, an intermediate physical address. */
    public static long ipa(int page) {
        return (BASE_GFN + page) * PAGE_BYTES;
    }

    /** A vCPU's control word: its shared area's address, and enabled. */
    public static long controlWord(int vcpuId) {
        return AREA_GFN * PAGE_BYTES + (long) vcpuId * AREA_BYTES % PAGE_BYTES | ENABLED;
    }

    /** A guest on a vCPU that has attached: its PE is masked. */
    public Guest attaches(int vcpuId) {
        return Guest.attach(deployment, vmId, vcpuId);
    }

    /** A guest on a vCPU that has attached and booted. */
    public Guest guest(int vcpuId) {
        return attaches(vcpuId).boots();
    }

    /** A guest with asynchronous faults on, which has heard the wake-all of it. */
    public Guest guestWithFaultsOn(int vcpuId) {
        Guest guest = guest(vcpuId);
        enables(vcpuId);
        guest.hearsWakeAll();
        return guest;
    }

    /** The guest turns asynchronous faults on. */
    public void enables(int vcpuId) {
        Check.equal("ENABLE", 0, enable(vcpuId, controlWord(vcpuId)));
    }

    /** The guest turns asynchronous faults off. */
    public void disables(int vcpuId) {
        Check.equal("ENABLE with 0", 0, enable(vcpuId, 0));
    }

    /** What the hypercall ENABLE returns for a control word. */
    public long enable(int vcpuId, long controlWord) {
        return hypercall(vcpuId, ENABLE, (int) controlWord, (int) (controlWord >>> Integer.SIZE));
    }

    /** What the hypercall 0x86000002 returns. */
    public long hypercall(int vcpuId, int function, int argument2, int argument3) {
        long result = vms().configureAsyncPf(configure(vcpuId)
                        .setHypercall(AsyncPfHypercall.newBuilder()
                                .setFunction(function)
                                .setArgument2(argument2)
                                .setArgument3(argument3))
                        .build())
                .getResult();
        conversation.said("guest, vCPU " + vcpuId + ": hypercall " + Integer.toUnsignedString(function) + "(0x"
                + Integer.toHexString(argument2) + ", 0x" + Integer.toHexString(argument3) + ") returns " + result);
        return result;
    }

    /** What a GET of the VMM's ioctl returns. */
    public long gets(int vcpuId, int command) {
        var answer = vms().configureAsyncPf(configure(vcpuId)
                .setIoctl(AsyncPfIoctl.newBuilder().setCommand(command))
                .build());
        Check.equal("ioctl " + command, 0, answer.getResult());
        conversation.said(
                "VMM, vCPU " + vcpuId + ": ioctl " + command + " gets 0x" + Long.toHexString(answer.getValue()));
        return answer.getValue();
    }

    /** The errno that a SET of the VMM's ioctl returns, 0 for none. */
    public long sets(int vcpuId, int command, long value) {
        long errno = vms().configureAsyncPf(configure(vcpuId)
                        .setIoctl(AsyncPfIoctl.newBuilder().setCommand(command).setValue(value))
                        .build())
                .getResult();
        conversation.said("VMM, vCPU " + vcpuId + ": ioctl " + command + " sets 0x" + Long.toHexString(value)
                + ", returns " + errno);
        return errno;
    }

    private ConfigureAsyncPfRequest.Builder configure(int vcpuId) {
        return ConfigureAsyncPfRequest.newBuilder().setVmId(vmId).setVcpuId(vcpuId);
    }

    /** A vCPU is reset. */
    public void resets(int vcpuId) {
        conversation.said("VMM: resets vCPU " + vcpuId);
        var _ = vms().resetVcpu(ResetVcpuRequest.newBuilder()
                .setVmId(vmId)
                .setVcpuId(vcpuId)
                .build());
    }

    /** What migrates of a vCPU. */
    public VcpuState exports(int vcpuId) {
        conversation.said("VMM: exports vCPU " + vcpuId);
        return vms().exportVcpuState(ExportVcpuStateRequest.newBuilder()
                        .setVmId(vmId)
                        .setVcpuId(vcpuId)
                        .build())
                .getState();
    }

    /** A vCPU goes on as it was elsewhere. */
    public void imports(int vcpuId, VcpuState state) {
        conversation.said("VMM: imports vCPU " + vcpuId);
        var _ = vms().importVcpuState(ImportVcpuStateRequest.newBuilder()
                .setVmId(vmId)
                .setVcpuId(vcpuId)
                .setState(state)
                .build());
    }

    /** Adds, changes or, with no pages, deletes a memslot. */
    public void setMemslot(Memslot.Builder memslot) {
        conversation.said("VMM: memslot " + memslot.getSlot() + " has " + memslot.getPages() + " pages"
                + (memslot.getReadOnly() ? ", read-only" : ""));
        var _ = vms().setMemslot(SetMemslotRequest.newBuilder()
                .setVmId(vmId)
                .setMemslot(memslot)
                .build());
    }

    /** The VM's counters. */
    public VmCounters counters() {
        return vms().getVm(GetVmRequest.newBuilder().setVmId(vmId).build())
                .getVm()
                .getCounters();
    }

    /** The host reads pages. */
    public ByteString read(int firstPage, int pages) {
        return vms().readMemory(ReadMemoryRequest.newBuilder()
                        .setVmId(vmId)
                        .setIpa(ipa(firstPage))
                        .setLengthBytes(pages * PAGE_BYTES)
                        .build())
                .getData();
    }

    private void writes(int firstPage, ByteString data) {
        var _ = vms().writeMemory(WriteMemoryRequest.newBuilder()
                .setVmId(vmId)
                .setIpa(ipa(firstPage))
                .setData(data)
                .build());
    }

    /** What was written to pages. */
    public ByteString written(int firstPage, int pages) {
        byte[] memory = new byte[pages * PAGE_BYTES];
        for (int page = 0; page < pages; page++) {
            byte[] content = content(firstPage + page).toByteArray();
            for (int at = 0; at < PAGE_BYTES; at += LOAD_BYTES) {
                System.arraycopy(content, 0, memory, page * PAGE_BYTES + at, LOAD_BYTES);
            }
        }
        return ByteString.copyFrom(memory);
    }

    /** What a page holds, over and over: it names its VM and itself. */
    private ByteString content(int page) {
        return ByteString.copyFromUtf8(String.format("%016x", vmId * 31 + page));
    }

    /** A task touches a page. */
    public Fault touches(int vcpuId, int page, Touch touch) {
        FaultBatch.Builder batch = FaultBatch.newBuilder();
        Fault fault = add(batch, vcpuId, page, touch);
        raise.onNext(batch.build());
        return fault;
    }

    /** A fault on an address that is no page's of {@link #RAM_SLOT}; its content is not looked at. */
    public Fault touchesBeyond() {
        return touches(0, PAGES, Touch.READ);
    }

    /** Two touches of a page in one message, so that the second is raised before anything comes of the first. */
    public Fault[] touchTogether(int page, int firstVcpuId, int secondVcpuId) {
        FaultBatch.Builder batch = FaultBatch.newBuilder();
        Fault first = add(batch, firstVcpuId, page, Touch.READ);
        Fault second = add(batch, secondVcpuId, page, Touch.READ);
        raise.onNext(batch.build());
        return new Fault[] {first, second};
    }

    private Fault add(FaultBatch.Builder batch, int vcpuId, int page, Touch touch) {
        long sequence = ++lastSequence;
        Fault fault = new Fault(conversation, sequence, page, content(page));
        conversation.heard("task, vCPU " + vcpuId + ": " + touch + " of page " + page + ", fault " + sequence, () -> {
            Fault previous = faults.put(sequence, fault);
            Check.that("a new sequence number", previous == null, sequence);
        });
        io.faultline.proto.vcpu.v1.Fault.Builder message = batch.addFaultsBuilder()
                .setSequence(sequence)
                .setVmId(vmId)
                .setVcpuId(vcpuId)
                .setIpa(ipa(page))
                .setAccess(touch.access())
                .setPrivilege(touch.privilege())
                .setPrefault(touch.isPrefault())
                .setLoadBytes(LOAD_BYTES);
        if (touch == Touch.WRITE) {
            message.setStore(content(page));
        }
        return fault;
    }

    /** The next page that is likely to be swapped out. */
    public int nextPage() {
        return nextPage++ % PAGES;
    }

    /** A task's load of a page that is missing, which goes asynchronous. */
    public Fault goesAsync(int vcpuId) {
        return goesAsync(vcpuId, Touch.READ);
    }

    /** A touch of a page that is missing, which goes asynchronous. */
    public Fault goesAsync(int vcpuId, Touch touch) {
        Fault fault = touchesMissing(vcpuId, touch);
        int token = fault.token();
        Check.that("a token of vCPU " + vcpuId, Token.vcpuId(token) == vcpuId, Token.format(token));
        return fault;
    }

    /** A task's load of a page that is missing, for which its vCPU stands still. */
    public void goesSync(int vcpuId, SyncReason reason) {
        goesSync(vcpuId, Touch.READ, reason);
    }

    /** A touch of a page that is missing, for which its vCPU stands still. */
    public void goesSync(int vcpuId, Touch touch, SyncReason reason) {
        touchesMissing(vcpuId, touch).isSync(reason);
    }

    private Fault touchesMissing(int vcpuId, Touch touch) {
        for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
            Fault fault = touches(vcpuId, nextPage(), touch);
            if (!fault.isBesidesThePoint()) {
                return fault;
            }
        }
        throw new Violation(
                "a page below the guest, of " + PAGES + " pages in " + FRAMES + " frames",
                ATTEMPTS_MAX + " touches that found none");
    }

    /**
     * A fault that the guest is told of: its handler runs, and the area holds the token. A page that comes before that has
     * its token taken back, as it may: then the guest must not have been told, and another page is touched.
     */
    public Fault tells(Guest guest, int vcpuId) {
        return tells(guest, vcpuId, Touch.READ);
    }

    /** As {@link #tells(Guest, int)}, with another touch. */
    public Fault tells(Guest guest, int vcpuId, Touch touch) {
        for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
            Fault fault = goesAsync(vcpuId, touch);
            if (isTold(guest, fault)) {
                guest.isTold(fault.token());
                return fault;
            }
            guest.hearsNothing();
        }
        throw new Violation("a guest that is told of a fault", ATTEMPTS_MAX + " faults that were all cancelled");
    }

    /** Sees a fault that went asynchronous through as a well-behaved kernel does, whether the guest is told of it or not. */
    public void seesThrough(Guest guest, Fault fault) {
        boolean isTold = parksAndWakes(guest, fault);
        fault.resolves(isTold ? Resolution.RESOLUTION_READY : Resolution.RESOLUTION_CANCELLED);
        guest.hearsNothing();
    }

    /** The guest's part in a fault that went asynchronous: false when there was none, since it was not told. */
    public boolean parksAndWakes(Guest guest, Fault fault) {
        boolean isTold = isTold(guest, fault);
        if (isTold) {
            guest.isTold(fault.token());
            guest.parks();
            guest.hearsReady(fault.token());
            guest.wakes();
        }
        return isTold;
    }

    /** Two streams are not ordered: a fault that has ended may have been told of before, which the guest is about to hear. */
    private boolean isTold(Guest guest, Fault fault) {
        boolean hasNews = conversation.await(
                "the guest is told of " + fault + ", or that ends",
                () -> guest.hasNews() ? Boolean.TRUE : fault.hasEnded() ? Boolean.FALSE : null);
        boolean isTold = hasNews || guest.hasNewsByNow();
        Check.that("a guest that is not told of a token taken back", !isTold || !fault.isCancelled(), "both");
        return isTold;
    }

    /** Ends the VM. */
    public void unregisters() {
        isGone = true;
        conversation.said("VMM: unregisters VM " + vmId);
        var _ = vms().unregisterVm(
                        UnregisterVmRequest.newBuilder().setVmId(vmId).build());
    }

    /** Whether the VM is still known. */
    public boolean isKnown() {
        try {
            return counters() != null;
        } catch (StatusRuntimeException e) {
            Check.equal("GetVm's status", Status.Code.NOT_FOUND, e.getStatus().getCode());
            return false;
        }
    }

    /** With the VM's end, every fault has its end, and then the stream can have its own. */
    private void end() {
        if (!isGone) {
            unregisters();
        }
        for (Fault fault : conversation.now(() -> faults.values().toArray(Fault[]::new))) {
            fault.end();
        }
        raise.onCompleted();
    }

    private void hear(OutcomeBatch batch) {
        batch.getOutcomesList().forEach(outcome -> {
            Fault fault = conversation.now(() -> faults.get(outcome.getSequence()));
            if (fault == null) {
                conversation.broken("outcomes of faults that were raised", "sequence " + outcome.getSequence());
            } else {
                fault.hear(outcome);
            }
        });
    }

    private VmServiceGrpc.VmServiceBlockingStub vms() {
        return vms(deployment);
    }

    private static VmServiceGrpc.VmServiceBlockingStub vms(Deployment deployment) {
        return VmServiceGrpc.newBlockingStub(deployment.endpoints().vcpu())
                .withDeadlineAfter(deployment.conversation().leftMs(), TimeUnit.MILLISECONDS);
    }
}
