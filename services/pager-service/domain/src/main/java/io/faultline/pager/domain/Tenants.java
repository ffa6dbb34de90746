// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import io.faultline.pager.domain.names.PageNames;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The VMs that a pager knows, and how they share what is bounded. Owned by the pager's thread.
 */
final class Tenants {
    /*
     * A VM is known from its first request until it is dropped, or until its place is needed while there is nothing of
     * it here. VMs beyond the bound share one tenant, as if they were one VM.
     *
     * Queues are shared by one rule. A VM that is at or above its share (the bound, by its weight among those of the
     * VMs known) is refused while less than an eighth of the bound is free; others get in until nothing is free. What
     * is in a queue leaves it soon, so a flood that has taken all recedes to its share within a queue's time, and a VM
     * that is alone may take all.
     */
    static final int TENANTS_MAX = 4096;

    private static final int SPARE_DIVISOR = 8;
    private static final int NAMES_FIRST = 64;

    private final List<Tenant> bySlot = new ArrayList<>();
    private final ArrayDeque<Integer> freeSlots = new ArrayDeque<>();
    private final Tenant others = new Tenant(0, 0);
    private PageNames slots = new PageNames(NAMES_FIRST);
    private long weights;
    private int idle;
    private int idleHand;
    private Tenant last = others;

    Tenants() {
        bySlot.add(others);
        others.references = 1;
    }

    /** A VM's tenant; from now on the VM is known. The same VM twice in a row costs one comparison. */
    Tenant of(long vmId) {
        if (last.vmId != vmId) {
            int slot = slots.find(vmId, 0, 0);
            last = slot == PageNames.NONE ? add(vmId) : at(slot);
        }
        return last;
    }

    /** A VM's tenant, if it is known; else one with nothing. */
    Tenant look(long vmId) {
        int slot = slots.find(vmId, 0, 0);
        return slot == PageNames.NONE ? new Tenant(0, vmId) : at(slot);
    }

    Tenant at(int slot) {
        return bySlot.get(slot);
    }

    private Tenant add(long vmId) {
        if (bySlot.size() == TENANTS_MAX && freeSlots.isEmpty()) {
            if (idle == 0) {
                return others;
            }
            remove(nextIdle());
        }
        int slot = freeSlots.isEmpty() ? bySlot.size() : freeSlots.removeLast();
        Tenant tenant = new Tenant(slot, vmId);
        if (slot == bySlot.size()) {
            bySlot.add(tenant);
            makePlaceFor(slot);
        } else {
            bySlot.set(slot, tenant);
        }
        slots.set(slot, vmId, 0, 0);
        slots.add(slot);
        weights += tenant.weight();
        idle++;
        return tenant;
    }

    private void makePlaceFor(int slot) {
        if (slot == slots.rows()) {
            PageNames wider = new PageNames(2 * slot);
            for (Tenant tenant : bySlot.subList(1, slot)) {
                wider.set(tenant.slot, tenant.vmId, 0, 0);
                wider.add(tenant.slot);
            }
            slots = wider;
        }
    }

    private Tenant nextIdle() {
        Tenant tenant;
        do {
            idleHand = idleHand + 1 < bySlot.size() ? idleHand + 1 : 1;
            tenant = at(idleHand);
        } while (tenant.references > 0);
        return tenant;
    }

    private void remove(Tenant tenant) {
        slots.remove(tenant.slot);
        freeSlots.addLast(tenant.slot);
        weights -= tenant.weight();
        idle--;
        last = others;
    }

    /** One more thing of a tenant's is here. */
    void retain(Tenant tenant) {
        if (tenant.references++ == 0) {
            idle--;
        }
    }

    /** One thing less of a tenant's is here. */
    void release(Tenant tenant) {
        if (--tenant.references == 0) {
            idle++;
            if (tenant.isDropped) {
                remove(tenant);
            }
        }
    }

    /** A VM was dropped: it is not known any more once nothing of it is left. */
    void forget(long vmId) {
        int slot = slots.find(vmId, 0, 0);
        if (slot != PageNames.NONE) {
            Tenant tenant = at(slot);
            tenant.isDropped = true;
            if (tenant.references == 0) {
                remove(tenant);
            }
        }
    }

    /** Gives a VM a quota; false if there is no place for one more VM. */
    boolean setQuota(long vmId, VmQuota quota) {
        Tenant tenant = of(vmId);
        if (tenant == others) {
            return false;
        }
        weights += quota.weight() - tenant.weight();
        tenant.quota = quota;
        tenant.isDropped = false;
        return true;
    }

    /** Whether a tenant that has so much may have one more of what is bounded, of which so much is used. */
    boolean admits(Tenant tenant, int own, int used, int max) {
        int free = max - used;
        return free > 0 && (free > max / SPARE_DIVISOR || own < share(tenant, max));
    }

    /** A tenant's share of a bound, at least 1. */
    long share(Tenant tenant, long max) {
        return tenant == others ? 1 : Math.max(1, max * tenant.weight() / weights);
    }
}
