// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.vcpu.domain.MemslotTable.Placement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Pages of memory images on their way into the tiers below, past the frames. Owned by the VM's thread. */
/*
 * A page draws a version, its bytes are stored, and only the answer changes its entry: to SWAPPED, if the page is empty
 * then (never written, or zeros again) or may be replaced. So a guest or host that comes first finds the page as it was,
 * nobody waits, and the copy that came too late is discarded.
 *
 * A duplicate stores nothing. It waits for the first page's copy if that is still on its way, and then shares it; if the
 * first page has been given another copy since, the duplicate is stored like any other page.
 */
final class Imports {
    private final GuestMemory memory;
    private final SharedCopies copies;
    private final Effects effects;
    private final Counters counters;
    private final long deadlineNs;
    /** Those with a store of their own under way or to be repeated, by frame number. */
    private final Map<Long, PageImport> underWay = new LinkedHashMap<>();

    private final List<PageImport> retrying = new ArrayList<>();

    Imports(GuestMemory memory, VirtualMachine machine, long deadlineNs) {
        this.memory = memory;
        this.copies = memory.copies;
        this.effects = machine.effects;
        this.counters = machine.counters();
        this.deadlineNs = deadlineNs;
    }

    boolean isIdle() {
        return underWay.isEmpty();
    }

    /** A page that is zeros in the image. */
    void zero(PageImport page) {
        ImportRefusal obstacle = begin(page);
        Placement place = memory.memslots.find(page.gfn());
        if (obstacle == null && place != null) {
            memory.empty(place.page(page.gfn()), page.gfn());
            counters.pagesImportedZero++;
            page.importer().imported(page);
        } else {
            page.importer().notImported(page, obstacle == null ? ImportRefusal.NO_MEMSLOT : obstacle);
        }
    }

    /** A page to be stored. */
    void store(PageImport page, long nowNs) {
        ImportRefusal obstacle = begin(page);
        if (obstacle == null) {
            draw(page, nowNs);
        } else {
            page.importer().notImported(page, obstacle);
        }
    }

    /** A page with the bytes of another that was imported under this version. */
    void duplicate(PageImport page, long sameGfn, long sameVersion, long nowNs) {
        ImportRefusal obstacle = begin(page);
        if (obstacle != null) {
            page.importer().notImported(page, obstacle);
            return;
        }
        PageImport same = underWay.get(sameGfn);
        if (same != null && same.version == sameVersion) {
            page.nextDuplicate = same.firstDuplicate;
            same.firstDuplicate = page;
            return;
        }
        long copy = share(sameGfn, sameVersion);
        if (copy == 0) {
            draw(page, nowNs);
        } else {
            settle(page, copy);
        }
    }

    /** The tiers have the page's bytes. */
    void stored(PageImport page) {
        end(page);
        PageImport duplicate = page.firstDuplicate;
        if (duplicate == null) {
            if (!settle(page, page.version)) {
                effects.discard(page.gfn(), page.version);
            }
            return;
        }
        long copy = copies.add(page.gfn(), page.version);
        settle(page, copy);
        page.firstDuplicate = null;
        while (duplicate != null) {
            PageImport next = duplicate.nextDuplicate;
            duplicate.nextDuplicate = null;
            settle(duplicate, copy);
            duplicate = next;
        }
        copies.forgetIfUnused(copy);
    }

    /** The tiers cannot take the page just now. */
    void unavailable(PageImport page, long nowNs) {
        requireStoring(page);
        if (page.isCancelled) {
            refuse(page, ImportRefusal.NO_MEMSLOT);
        } else if (nowNs >= page.deadlineNs) {
            refuse(page, ImportRefusal.UNAVAILABLE);
        } else {
            page.isStoring = false;
            page.retryAtNs = nowNs + page.backoffNs;
            page.backoffNs = Math.min(2 * page.backoffNs, WriteOuts.BACKOFF_MAX_NS);
            retrying.add(page);
        }
    }

    /** Whoever imports does not want to store the page any more. */
    void givenUp(PageImport page) {
        requireStoring(page);
        refuse(page, ImportRefusal.GIVEN_UP);
    }

    /** Repeats the stores whose pause is over. */
    void tick(long nowNs) {
        for (int i = retrying.size() - 1; i >= 0; i--) {
            PageImport page = retrying.get(i);
            if (nowNs >= page.retryAtNs) {
                retrying.remove(i);
                send(page);
            }
        }
    }

    /** A memslot goes: nothing that is under way reaches its pages, nor those of one that takes its place. */
    void cancel(Memslot memslot) {
        for (PageImport page : underWay.values()) {
            page.isCancelled |= memslot.contains(page.gfn());
            for (PageImport same = page.firstDuplicate; same != null; same = same.nextDuplicate) {
                same.isCancelled |= memslot.contains(same.gfn());
            }
        }
    }

    /** The VM is gone. */
    void close() {
        for (PageImport page : List.copyOf(underWay.values())) {
            refuse(page, ImportRefusal.VM_GONE);
        }
        retrying.clear();
    }

    private @Nullable ImportRefusal begin(PageImport page) {
        if (underWay.containsKey(page.gfn())) {
            return ImportRefusal.IN_USE;
        }
        Placement place = memory.memslots.find(page.gfn());
        if (place == null) {
            return ImportRefusal.NO_MEMSLOT;
        }
        return obstacle(page, place.page(page.gfn()));
    }

    /** What keeps a page from being given other bytes now; null for nothing. */
    private @Nullable ImportRefusal obstacle(PageImport page, int index) {
        PageState state = memory.stage2.state(index);
        if (state == PageState.ARRIVING) {
            return ImportRefusal.IN_USE;
        }
        if (page.replaces()) {
            boolean framed = state == PageState.RESIDENT || state == PageState.WRITING_OUT;
            return framed && memory.frames.isPinned(memory.frameOf(index)) ? ImportRefusal.IN_USE : null;
        }
        return state == PageState.ZERO ? null : ImportRefusal.NOT_EMPTY;
    }

    private void draw(PageImport page, long nowNs) {
        page.version = memory.writeOuts.nextVersion();
        page.deadlineNs = nowNs + deadlineNs;
        page.backoffNs = WriteOuts.BACKOFF_MIN_NS;
        underWay.put(page.gfn(), page);
        send(page);
    }

    private void send(PageImport page) {
        page.isStoring = true;
        page.importer().store(page);
    }

    /** Makes the copy the page's, if that may still be; says whether it did. */
    private boolean settle(PageImport page, long copy) {
        Placement place = page.isCancelled ? null : memory.memslots.find(page.gfn());
        if (place == null) {
            page.importer().notImported(page, ImportRefusal.NO_MEMSLOT);
            return false;
        }
        int index = place.page(page.gfn());
        ImportRefusal obstacle = obstacle(page, index);
        if (obstacle != null) {
            page.importer().notImported(page, obstacle);
            return false;
        }
        if (SharedCopies.isShared(copy)) {
            // First, for the page may be one of those that use it already, and even the last.
            copies.use(copy);
        }
        memory.empty(index, page.gfn());
        memory.stage2.set(index, PageState.SWAPPED, copy);
        memory.stage2.setCrc(index, page.crc());
        if (page.version == 0) {
            counters.pagesImportedDuplicate++;
        } else {
            counters.pagesImportedStored++;
        }
        page.importer().imported(page);
        return true;
    }

    /** The shared copy that is the page's copy of this version; 0 if it has another, or is in a frame. */
    private long share(long gfn, long version) {
        Placement place = memory.memslots.find(gfn);
        int index = place == null ? -1 : place.page(gfn);
        if (place == null || memory.stage2.state(index) != PageState.SWAPPED) {
            return 0;
        }
        long copy = memory.stage2.payload(index);
        if (copies.version(copy) != version || copies.gfn(gfn, copy) != gfn) {
            return 0;
        }
        if (SharedCopies.isShared(copy)) {
            return copy;
        }
        long shared = copies.add(gfn, version);
        copies.use(shared);
        memory.stage2.replacePayload(index, shared);
        return shared;
    }

    private void end(PageImport page) {
        requireStoring(page);
        page.isStoring = false;
        underWay.remove(page.gfn());
    }

    private void refuse(PageImport page, ImportRefusal why) {
        page.isStoring = false;
        underWay.remove(page.gfn());
        if (page.version != 0 && why != ImportRefusal.VM_GONE) {
            effects.discard(page.gfn(), page.version);
        }
        page.importer().notImported(page, why);
        for (PageImport same = page.firstDuplicate; same != null; same = same.nextDuplicate) {
            same.importer().notImported(same, why);
        }
        page.firstDuplicate = null;
    }

    private static void requireStoring(PageImport page) {
        if (!page.isStoring) {
            throw new IllegalStateException(
                    "import of gfn " + page.gfn() + ": answered (expected: one with a store under way)");
        }
    }
}
