// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.model.AuditStep;
import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import io.faultline.model.StepKind;
import io.faultline.vcpu.domain.FrameTable.Use;
import io.faultline.vcpu.domain.MemslotTable.Placement;
import io.faultline.vcpu.domain.prefetch.WorkingSetBudget;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One VM of the fault plane: its memslots, stage-2 table, frames and vCPUs, and everything that is on its way between
 * them and the other planes. Owned by one thread; every input may cause any of the {@link Effects} before it returns.
 */
/*
 * An input changes the state of what it is about and then settles: vCPUs that can run on decide their waiting faults,
 * reclaim frees frames ahead of demand, pages that wait for frames get them, until nothing moves. So no part of the
 * machine ever calls back into one that is half way through a change: they meet in the queues that settle empties.
 */
public final class VirtualMachine {
    /** How many pages a working set has at most. */
    public static final int WORKING_SET_PAGES_MAX = WorkingSet.PAGES_MAX;

    final Effects effects;
    private final MachineSpec spec;
    private final Counters counters = new Counters();
    private final GuestMemory memory;
    private final List<Vcpu> vcpus = new ArrayList<>();
    private final @Nullable Vcpu[] byId;
    private final ArrayDeque<FaultPath> runnable = new ArrayDeque<>();
    private boolean notifierConnected;
    private int creationsAwaited;

    /**
     * A VM that has said nothing yet: {@link #open} begins.
     *
     * @throws IllegalArgumentException for memslots that overlap, share a number, or have too many pages
     */
    public VirtualMachine(MachineSpec spec, Effects effects) {
        this.spec = spec;
        this.effects = effects;
        this.memory = new GuestMemory(spec, this);
        AuditStep carrier = new AuditStep();
        this.byId =
                new Vcpu[spec.vcpuIds().stream().mapToInt(id -> id + 1).max().orElse(0)];
        for (int id : spec.vcpuIds()) {
            Vcpu vcpu = new Vcpu(id, this, memory, carrier);
            byId[id] = vcpu;
            vcpus.add(vcpu);
        }
    }

    /** Begins: opens the audit chains, creates the vCPUs at the notifier if it is connected; then {@code registered}. */
    public void open(boolean connected, long nowNs) {
        notifierConnected = connected;
        creationsAwaited = connected ? vcpus.size() : 0;
        for (Vcpu vcpu : vcpus) {
            vcpu.open(connected);
        }
        if (!connected) {
            effects.registered();
        }
        settle(nowNs);
    }

    /**
     * Ends: faults in flight end as FAILED with VM_GONE, host accesses likewise, vCPUs are destroyed, chains are closed.
     * Nothing may be handed in any more, also no answers to I/O still under way.
     */
    public void close(long nowNs) {
        memory.arrivals.close();
        memory.imports.close();
        memory.hints.close();
        memory.workingSet.close();
        for (Vcpu vcpu : vcpus) {
            vcpu.close();
            if (notifierConnected) {
                effects.destroy(vcpu.id(), vcpu.epoch());
            }
        }
        runnable.clear();
    }

    /** The vCPU of an id, or null. */
    public @Nullable Vcpu vcpu(int vcpuId) {
        return vcpuId >= 0 && vcpuId < byId.length ? byId[vcpuId] : null;
    }

    /** What the VM was registered with. */
    public MachineSpec spec() {
        return spec;
    }

    /** The memslots as they are now, by address. */
    public List<Memslot> memslots() {
        return memory.memslots.memslots();
    }

    /**
     * Adds a memslot, changes whether it is read-only, or (with 0 pages) deletes it and its pages' contents. A range
     * cannot be changed in place, as in KVM.
     *
     * @throws IllegalArgumentException for an overlap, a changed range, too many pages, or deleting what is not there
     */
    public void setMemslot(Memslot memslot, long nowNs) {
        Placement old = memory.memslots.ofSlot(memslot.slot());
        if (old == null) {
            memory.memslots.add(memslot);
        } else if (memslot.pages() == 0) {
            memory.remove(old, nowNs);
        } else if (memslot.baseGfn() == old.memslot().baseGfn()
                && memslot.pages() == old.memslot().pages()) {
            memory.memslots.replace(old, memslot);
        } else {
            throw new IllegalArgumentException("memslot " + memslot.slot() + ": gfn " + memslot.baseGfn() + ", "
                    + memslot.pages() + " pages (expected: the range it has, gfn "
                    + old.memslot().baseGfn() + ", " + old.memslot().pages() + " pages, or 0 pages to delete it)");
        }
        vcpus.forEach(Vcpu::memslotChanged);
        settle(nowNs);
    }

    /** Asks for one page on the host's behalf: {@code hostPageReady} or {@code hostPageFailed} follows, maybe at once. */
    public void hostAccess(long requestId, long gfn, HostAccess access, long nowNs) {
        memory.request(new HostRequest(requestId, gfn, access, memory), nowNs);
        settle(nowNs);
    }

    /** Answer to {@code fetch}: the page's bytes are in the frame and match their checksum. */
    public void fetched(int frame, PageSource source, long nowNs) {
        memory.arrivals.fetched(frame, source);
        settle(nowNs);
    }

    /** Answer to {@code fetch}: the page is lost, PAGE_ABSENT or PAGE_CORRUPT. */
    public void fetchFailed(int frame, FailReason reason, long nowNs) {
        memory.arrivals.failed(frame, reason, nowNs);
        settle(nowNs);
    }

    /** Answer to {@code fetch}: try again later. */
    public void fetchUnavailable(int frame, long nowNs) {
        memory.arrivals.unavailable(frame, nowNs);
        settle(nowNs);
    }

    /** Answer to {@code writeOut}: the tiers have the page, with this CRC-32C. */
    public void stored(int frame, int crc, long nowNs) {
        memory.writeOuts.stored(frame, crc);
        settle(nowNs);
    }

    /** Answer to {@code writeOut}: the page held only zeros and was not stored. */
    public void storedZero(int frame, long nowNs) {
        memory.writeOuts.storedZero(frame);
        settle(nowNs);
    }

    /** Answer to {@code writeOut}: try again later. */
    public void storeUnavailable(int frame, long nowNs) {
        memory.writeOuts.unavailable(frame, nowNs);
        settle(nowNs);
    }

    /** Takes in a page that is zeros in a memory image: nothing is stored, and nothing will be fetched. */
    public void importZero(PageImport page, long nowNs) {
        memory.imports.zero(page);
        settle(nowNs);
    }

    /** Takes in a page of a memory image, past the frames: {@link PageImporter#store} follows. */
    public void importPage(PageImport page, long nowNs) {
        memory.imports.store(page, nowNs);
        settle(nowNs);
    }

    /**
     * Takes in a page that has the bytes of another, which was imported before: it shares that one's copy. Where that is
     * not to be had any more, {@link PageImporter#store} follows.
     *
     * @param sameGfn the other page
     * @param sameVersion the version that was drawn for it
     */
    public void importDuplicate(PageImport page, long sameGfn, long sameVersion, long nowNs) {
        memory.imports.duplicate(page, sameGfn, sameVersion, nowNs);
        settle(nowNs);
    }

    /** Answer to {@link PageImporter#store}: the tiers have the page's bytes. */
    public void importStored(PageImport page, long nowNs) {
        memory.imports.stored(page);
        settle(nowNs);
    }

    /** Answer to {@link PageImporter#store}: try again later. */
    public void importUnavailable(PageImport page, long nowNs) {
        memory.imports.unavailable(page, nowNs);
        settle(nowNs);
    }

    /** Answer to {@link PageImporter#store}: never mind, the page shall be as it was. */
    public void importGivenUp(PageImport page, long nowNs) {
        memory.imports.givenUp(page);
        settle(nowNs);
    }

    /** The notifier is connected (again): creates every vCPU there, arms those that are enabled with a new epoch. */
    public void notifierConnected(long nowNs) {
        notifierConnected = true;
        vcpus.forEach(Vcpu::notifierConnected);
        settle(nowNs);
    }

    /** The notifier's connection is lost: publications and tokens outstanding on it are dropped. */
    public void notifierLost(long nowNs) {
        notifierConnected = false;
        vcpus.forEach(Vcpu::notifierLost);
        if (creationsAwaited > 0) {
            creationsAwaited = 0;
            effects.registered();
        }
        settle(nowNs);
    }

    /** Time passed: retries and deadlines. To be called every few milliseconds. */
    public void tick(long nowNs) {
        memory.writeOuts.tick(nowNs);
        memory.imports.tick(nowNs);
        memory.arrivals.tick(nowNs);
        memory.workingSet.tick(nowNs);
        for (Vcpu vcpu : vcpus) {
            vcpu.tick(nowNs);
        }
        settle(nowNs);
    }

    /**
     * From now on the first pages that the guest touches are remembered, {@link #WORKING_SET_PAGES_MAX} of them and no more
     * than the budget has room for. What they took of it is free again once the VM is closed.
     */
    public void rememberWorkingSet(WorkingSetBudget budget) {
        memory.workingSet.remember(budget);
    }

    /** The gfns of the pages remembered, first touch first; a copy. */
    public long[] workingSet() {
        return memory.workingSet.gfns();
    }

    /** How many pages are remembered. */
    public int workingSetPages() {
        return memory.workingSet.size();
    }

    /**
     * The guest is expected to touch these pages, any gfns: from its first miss on the tiers are hinted at those of them
     * that they have, in this order and at the budget's pace. After {@link #rememberWorkingSet}.
     */
    public void expectWorkingSet(long[] gfns) {
        memory.workingSet.expect(gfns);
    }

    /** Whether hints of {@link #expectWorkingSet} are due as time passes. */
    public boolean isHintingWorkingSet() {
        return memory.workingSet.isHinting();
    }

    /** Totals since registration. */
    public Counters counters() {
        return counters;
    }

    /** Frames in use now: resident, being fetched into, or being written out. */
    public int framesInUse() {
        return memory.frames.size() - memory.frames.count(Use.FREE);
    }

    /** Pages that wait for a free frame. */
    public int framesAwaited() {
        return memory.arrivals.queued();
    }

    /** Faults raised that have no terminal outcome yet. */
    public int faultsInFlight() {
        return counters.faultsInFlight;
    }

    boolean isNotifierConnected() {
        return notifierConnected;
    }

    /** Whether an address lies in guest memory that may be written. */
    boolean isWritable(long ipa) {
        Placement place = memory.memslots.find(ipa >>> spec.pageSize().shift());
        return place != null && !place.memslot().readOnly();
    }

    GuestMemory memory() {
        return memory;
    }

    void countStale() {
        counters.staleMessages++;
    }

    void vcpuCreated() {
        creationsAwaited--;
        if (creationsAwaited == 0) {
            effects.registered();
        }
    }

    /** A page's new version is in the tiers. A step of the first vCPU's chain, since pages belong to no vCPU. */
    void writtenOut(long gfn) {
        counters.pagesWrittenOut++;
        effects.audit(vcpus.getFirst().step(StepKind.WRITTEN_OUT).gfn(gfn));
    }

    void makeRunnable(FaultPath path) {
        runnable.add(path);
    }

    void settle(long nowNs) {
        memory.balance();
        while (!runnable.isEmpty()) {
            runnable.remove().run(nowNs);
            memory.balance();
        }
    }
}
