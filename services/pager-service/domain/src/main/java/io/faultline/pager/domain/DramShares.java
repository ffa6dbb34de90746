// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import io.faultline.model.PageSize;
import io.faultline.pager.domain.eviction.EvictionPolicy;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Whose page leaves the DRAM tier, and which of his. Owned by the pager's thread. */
final class DramShares {
    /*
     * Each VM's pages of a size compete in a pool of their own of the eviction policy, so that finding a victim of a
     * given VM costs what finding any does, and what one VM does to its pages teaches the policy nothing about
     * another's. Whose page leaves is decided by Shares, a size at a time: a VM has pages of one size, and sizes share
     * the memory by the weights of their VMs, in chunks.
     *
     * A VM with a limit of its own is kept a sixty-fourth below it ahead of demand, as the tier is below its capacity.
     */
    static final int NONE = EvictionPolicy.NONE;

    /** VMs whose pages are all in use just now, which a search passes before it gives up. */
    private static final int ASIDE_MAX = 8;

    private static final int HEADROOM_DIVISOR = 64;

    private static final PageSize[] SIZES = PageSize.values();

    private final CellAllocator allocator;
    private final PageTable table;
    private final Tenants tenants;
    private final EvictionPolicy policy;
    private final Shares[] shares = new Shares[SIZES.length];
    private final ArrayDeque<Shares.Claim> aside = new ArrayDeque<>();
    /** VMs that have come near their limits, each once. */
    private final ArrayDeque<Tenant> crowded = new ArrayDeque<>();

    DramShares(CellAllocator allocator, PageTable table, Tenants tenants, EvictionPolicy policy) {
        this.allocator = allocator;
        this.table = table;
        this.tenants = tenants;
        this.policy = policy;
        Arrays.setAll(shares, pool -> new Shares());
    }

    /** A VM has taken a cell. */
    void taken(int cell, Tenant tenant) {
        PageSize size = allocator.sizeAt(cell);
        table.setTenant(cell, tenant.slot);
        tenants.retain(tenant);
        tenant.dramBytes += size.bytes();
        Shares.Claim claim = tenant.dram[CellAllocator.pool(size)];
        if (claim.isOpenedNow()) {
            policy.opened(pool(tenant, size));
        }
        change(claim, size, 1);
        watch(tenant);
    }

    private void watch(Tenant tenant) {
        if (!tenant.isCrowded && isCrowded(tenant, 1)) {
            tenant.isCrowded = true;
            tenants.retain(tenant);
            crowded.add(tenant);
        }
    }

    private static boolean isCrowded(Tenant tenant, int headrooms) {
        long max = tenant.quota.dramMaxBytes();
        return max != 0 && keptBytes(tenant) > max - headrooms * (max / HEADROOM_DIVISOR);
    }

    private static long keptBytes(Tenant tenant) {
        long bytes = 0;
        for (PageSize size : SIZES) {
            bytes += tenant.dram[CellAllocator.pool(size)].amount() * size.bytes();
        }
        return bytes;
    }

    /** Whether a VM may not have another page of that size. */
    boolean isAtLimit(Tenant tenant, PageSize size) {
        long max = tenant.quota.dramMaxBytes();
        return max != 0 && tenant.dramBytes + size.bytes() > max;
    }

    /**
     * The cell whose page should leave so that a VM stays below its limit; {@link #NONE} if no VM is near it, or its pages
     * are all in use just now.
     */
    int crowdedVictim(EvictionPolicy.Evictable evictable) {
        while (!crowded.isEmpty()) {
            Tenant tenant = crowded.getFirst();
            int victim = isCrowded(tenant, 2) ? ownVictim(tenant, evictable) : NONE;
            if (victim != NONE) {
                return victim;
            }
            crowded.removeFirst();
            tenant.isCrowded = false;
            tenants.release(tenant);
        }
        return NONE;
    }

    /** The cell of the page that a VM should give up for another of its own; {@link #NONE} if none may leave just now. */
    int ownVictim(Tenant tenant, EvictionPolicy.Evictable evictable) {
        for (PageSize size : SIZES) {
            if (tenant.dram[CellAllocator.pool(size)].isInHeap()) {
                int victim = policy.victim(pool(tenant, size), evictable);
                if (victim != NONE) {
                    return victim;
                }
            }
        }
        return NONE;
    }

    /** A cell is given back by its VM; the page in it had begun to leave before, or not. */
    void freed(int cell, boolean wasLeaving) {
        PageSize size = allocator.sizeAt(cell);
        Tenant tenant = tenant(cell);
        if (!wasLeaving) {
            change(claim(cell), size, -1);
        }
        tenant.dramBytes -= size.bytes();
        tenants.release(tenant);
    }

    /** A page in a cell begins to leave: it counts for its VM no more. */
    void leaves(int cell) {
        change(claim(cell), allocator.sizeAt(cell), -1);
    }

    /** A page that had begun to leave stays. */
    void stays(int cell) {
        change(claim(cell), allocator.sizeAt(cell), 1);
    }

    private void change(Shares.Claim claim, PageSize size, int by) {
        Shares own = shares[CellAllocator.pool(size)];
        own.change(claim, by);
        allocator.weigh(size, own.weights());
    }

    /** A VM's quota has changed. */
    void quotaChanged(Tenant tenant) {
        watch(tenant);
        for (PageSize size : SIZES) {
            change(tenant.dram[CellAllocator.pool(size)], size, 0);
        }
    }

    /** The page in a cell can be evicted from now on. */
    void added(int cell) {
        policy.added(cell, pool(cell));
    }

    /** The page in a cell was used. */
    void used(int cell) {
        policy.used(cell);
    }

    /** The page in a cell cannot be evicted any more. */
    void removed(int cell) {
        policy.removed(cell, pool(cell));
    }

    /**
     * The cell whose page should leave so that there is room for a page of that size; {@link #NONE} if none may just now.
     *
     * @param wanting the VM that wants the room, which may have to give it itself; null if it is nobody in particular
     */
    int victim(PageSize size, @Nullable Tenant wanting, EvictionPolicy.Evictable evictable) {
        int pool = CellAllocator.pool(size);
        Shares own = shares[pool];
        int victim = NONE;
        for (Shares.Claim claim = own.richest(); claim != null && victim == NONE; claim = own.richest()) {
            boolean isFirst = aside.isEmpty();
            if (aside.size() == ASIDE_MAX || (!isFirst && !own.isAboveShare(claim, capacity(size)))) {
                break;
            }
            victim = policy.victim(pool(claim.tenant, size), evictable);
            own.setAside(claim);
            aside.add(claim);
        }
        Tenant notAsked = wanting != null && wanting.dram[pool].isInHeap() ? wanting : null;
        while (!aside.isEmpty()) {
            own.reweigh(aside.removeLast());
        }
        return victim == NONE && notAsked != null ? policy.victim(pool(notAsked, size), evictable) : victim;
    }

    /** Whether the page in a cell is safe: another VM has more than its share, and this one not. */
    boolean isSafe(int cell) {
        PageSize size = allocator.sizeAt(cell);
        Shares own = shares[CellAllocator.pool(size)];
        Shares.Claim richest = own.richest();
        return richest != null
                && own.isAboveShare(richest, capacity(size))
                && !own.isAboveShare(claim(cell), capacity(size));
    }

    /** Whether the VM of a cell's page has more than its share. */
    boolean isAboveShare(int cell) {
        PageSize size = allocator.sizeAt(cell);
        return shares[CellAllocator.pool(size)].isAboveShare(claim(cell), capacity(size));
    }

    /** A VM's share of the memory, in bytes; for one that has no page, what it would be with pages of 4 KiB. */
    long shareBytes(Tenant tenant) {
        long bytes = 0;
        for (PageSize size : SIZES) {
            int pool = CellAllocator.pool(size);
            if (tenant.dram[pool].isInHeap()) {
                bytes += shares[pool].share(tenant.dram[pool], capacity(size)) * size.bytes();
            }
        }
        return bytes == 0
                ? shares[0].share(tenant.dram[0], capacity(PageSize.SIZE_4K)) * PageSize.SIZE_4K.bytes()
                : bytes;
    }

    /** The cells that there can be of a size without another size's giving any up. */
    private long capacity(PageSize size) {
        return (long) allocator.used(size) + allocator.available(size);
    }

    private Tenant tenant(int cell) {
        return tenants.at(table.tenant(cell));
    }

    private Shares.Claim claim(int cell) {
        return tenant(cell).dram[CellAllocator.pool(allocator.sizeAt(cell))];
    }

    private int pool(int cell) {
        return table.tenant(cell) * SIZES.length + CellAllocator.pool(allocator.sizeAt(cell));
    }

    private static int pool(Tenant tenant, PageSize size) {
        return tenant.slot * SIZES.length + CellAllocator.pool(size);
    }
}
