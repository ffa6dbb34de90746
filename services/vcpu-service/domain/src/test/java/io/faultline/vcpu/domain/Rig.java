// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.model.Access;
import io.faultline.model.AsyncPf;
import io.faultline.model.FailReason;
import io.faultline.model.PageSize;
import io.faultline.model.PageSource;
import io.faultline.model.Privilege;
import io.faultline.model.Refusal;
import io.faultline.model.StepKind;
import io.faultline.model.SyncReason;
import io.faultline.model.Token;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * A VM with everything around it in the test's hands, in the vocabulary of the protocol's conformance tests: {@code
 * enable} is en, {@code fault} is F, {@code data} is C.
 */
final class Rig {
    static final long BASE_GFN = 0x100;
    static final long PAGES = 0x10_0000;
    static final int FRAMES = 256;
    static final long REGISTERED = 1_000_000;
    static final int PREFETCH_PAGES = 8;
    static final long DEADLINE_NS = 1_000_000_000;
    static final long AREA = 0x20_0000;
    static final long MS = 1_000_000;

    final RecordingEffects seen;
    final VirtualMachine vm;
    long nowNs = 1;
    private long lastRef;
    private long lastRequest;

    Rig(int... vcpuIds) {
        this(FRAMES, true, vcpuIds);
    }

    Rig(int frames, boolean irqchip, int... vcpuIds) {
        this(spec(frames, irqchip, vcpuIds), new RecordingEffects());
    }

    Rig(RecordingEffects seen, int... vcpuIds) {
        this(spec(FRAMES, true, vcpuIds), seen);
    }

    private Rig(MachineSpec spec, RecordingEffects seen) {
        this.seen = seen;
        vm = new VirtualMachine(spec, seen);
        vm.open(true, nowNs);
        for (int id : spec.vcpuIds()) {
            vcpu(id).created(REGISTERED, nowNs);
        }
        seen.commands.clear();
    }

    static Rig withoutPrefetch(int... vcpuIds) {
        return new Rig(spec(FRAMES, true, 0, vcpuIds), new RecordingEffects());
    }

    static MachineSpec spec(int frames, boolean irqchip, int... vcpuIds) {
        return spec(frames, irqchip, PREFETCH_PAGES, vcpuIds);
    }

    private static MachineSpec spec(int frames, boolean irqchip, int prefetchPagesMax, int... vcpuIds) {
        return new MachineSpec(
                7,
                List.of(new Memslot(0, BASE_GFN, PAGES, false), new Memslot(1, BASE_GFN + PAGES, 0x100, true)),
                IntStream.of(vcpuIds).boxed().toList(),
                frames,
                PageSize.SIZE_4K,
                AsyncPf.DEFAULT_SDEI_EVENT,
                AsyncPf.DEFAULT_INTERRUPT,
                irqchip,
                DEADLINE_NS,
                prefetchPagesMax,
                REGISTERED);
    }

    Vcpu vcpu(int id) {
        return Objects.requireNonNull(vm.vcpu(id));
    }

    /** Enables asynchronous faults of user mode; the wake-all is consumed. */
    void enable(int vcpuId) {
        enable(vcpuId, AREA | 1);
    }

    void enable(int vcpuId, long control) {
        hypercallEnable(vcpuId, control);
        vcpu(vcpuId).armed(vcpu(vcpuId).epoch(), nowNs);
        vcpu(vcpuId).ready(vcpu(vcpuId).epoch(), Token.WAKE_ALL, nowNs);
        seen.commands.clear();
    }

    long hypercallEnable(int vcpuId, long control) {
        return hypercall(vcpuId, 4, control);
    }

    long hypercall(int vcpuId, int function, long word) {
        vcpu(vcpuId).hypercall(++lastRequest, function, (int) word, (int) (word >>> 32), nowNs);
        return lastRequest;
    }

    long ioctl(int vcpuId, int command, long value) {
        vcpu(vcpuId).ioctl(++lastRequest, command, value, nowNs);
        return lastRequest;
    }

    long result(long requestId) {
        return Objects.requireNonNull(seen.results.get(requestId), "no answer to request " + requestId);
    }

    long value(long requestId) {
        return Objects.requireNonNull(seen.values.get(requestId), "no answer to request " + requestId);
    }

    /** Makes pages look as if they had been written out. */
    void swapOut(long... gfns) {
        for (long gfn : gfns) {
            int page = page(gfn);
            vm.memory().stage2.set(page, PageState.SWAPPED, 77);
            vm.memory().stage2.setCrc(page, (int) gfn);
        }
    }

    int page(long gfn) {
        return Objects.requireNonNull(vm.memory().memslots.find(gfn)).page(gfn);
    }

    PageState state(long gfn) {
        return vm.memory().stage2.state(page(gfn));
    }

    long fault(int vcpuId, long gfn) {
        return raise(vcpuId, gfn, Access.READ, Privilege.USER, false);
    }

    long writeFault(int vcpuId, long gfn) {
        return raise(vcpuId, gfn, Access.WRITE, Privilege.USER, false);
    }

    long kernelFault(int vcpuId, long gfn) {
        return raise(vcpuId, gfn, Access.READ, Privilege.KERNEL, false);
    }

    long prefault(int vcpuId, long gfn) {
        return raise(vcpuId, gfn, Access.READ, Privilege.USER, true);
    }

    private long raise(int vcpuId, long gfn, Access access, Privilege privilege, boolean prefault) {
        vcpu(vcpuId).raise(++lastRef, gfn << 12, access, privilege, prefault, nowNs);
        return lastRef;
    }

    /** An asynchronous fault that the notifier has accepted. */
    long parked(int vcpuId, long gfn) {
        long ref = fault(vcpuId, gfn);
        accept(vcpuId);
        return ref;
    }

    void accept(int vcpuId) {
        RecordingEffects.Command publish = take("PUBLISH");
        vcpu(vcpuId).accepted(publish.epoch(), publish.token(), nowNs);
    }

    void refuse(int vcpuId, Refusal refusal) {
        RecordingEffects.Command publish = take("PUBLISH");
        vcpu(vcpuId).refused(publish.epoch(), publish.token(), refusal, nowNs);
    }

    void ready(int vcpuId) {
        RecordingEffects.Command complete = take("COMPLETE");
        vcpu(vcpuId).ready(complete.epoch(), complete.token(), nowNs);
    }

    void cancel(int vcpuId) {
        RecordingEffects.Command complete = take("COMPLETE");
        vcpu(vcpuId).cancelled(complete.epoch(), complete.token(), nowNs);
    }

    RecordingEffects.Command take(String kind) {
        RecordingEffects.Command command = seen.commands.remove();
        if (!command.kind().equals(kind)) {
            throw new AssertionError(command + " (expected: " + kind + ")");
        }
        return command;
    }

    /** The fetch of a page is answered with its bytes. */
    void data(long gfn) {
        data(gfn, PageSource.SWAP_STORE);
    }

    void data(long gfn, PageSource source) {
        vm.fetched(takeFetch(gfn), source, nowNs);
    }

    void lost(long gfn, FailReason reason) {
        vm.fetchFailed(takeFetch(gfn), reason, nowNs);
    }

    void unavailable(long gfn) {
        vm.fetchUnavailable(takeFetch(gfn), nowNs);
    }

    private int takeFetch(long gfn) {
        return takeIo(seen.fetches, gfn);
    }

    int takeWriteOut(long gfn) {
        return takeIo(seen.writeOuts, gfn);
    }

    private static int takeIo(Map<Integer, RecordingEffects.PageName> open, long gfn) {
        int frame = open.entrySet().stream()
                .filter(io -> io.getValue().gfn() == gfn)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no I/O of gfn " + gfn + " in " + open))
                .getKey();
        open.remove(frame);
        return frame;
    }

    /** Reclaim's way out for one page: written by a guest, chosen to go, its write-out not answered. */
    void startWriteOut(long gfn) {
        int frame = vm.memory().frameOf(page(gfn));
        vm.memory().writeOuts.begin(frame);
    }

    void advance(long byNs) {
        nowNs += byNs;
        vm.tick(nowNs);
    }

    long host(long gfn, HostAccess access) {
        vm.hostAccess(++lastRequest, gfn, access, nowNs);
        return lastRequest;
    }

    /** A fault's outcomes so far, accesses left out. */
    List<String> outcomes(long ref) {
        return all(ref).stream().filter(outcome -> !outcome.equals("access")).toList();
    }

    /** A fault's outcomes and accesses so far. */
    List<String> all(long ref) {
        return seen.outcomes.getOrDefault(ref, List.of());
    }

    /** The last outcome of a fault. */
    String outcome(long ref) {
        return outcomes(ref).getLast();
    }

    static String sync(SyncReason reason) {
        return "MAPPED SWAP_STORE " + reason;
    }

    List<StepKind> steps(int vcpuId) {
        return seen.steps.stream()
                .filter(step -> step.vcpuId() == vcpuId)
                .map(RecordingEffects.Step::kind)
                .toList();
    }

    int count(FrameTable.Use use) {
        return vm.memory().frames.count(use);
    }
}
