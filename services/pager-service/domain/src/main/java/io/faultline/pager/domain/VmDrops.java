// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import java.util.ArrayDeque;

/** The VMs that are being forgotten, each with how far that has come. Owned by the pager's thread. */
final class VmDrops {
    static final int DROPS_MAX = 64;

    private final ArrayDeque<Drop> drops = new ArrayDeque<>();

    boolean isFull() {
        return drops.size() == DROPS_MAX;
    }

    boolean isEmpty() {
        return drops.isEmpty();
    }

    /** Whether a VM is being forgotten; the common case, none at all, costs one comparison. */
    boolean contains(long vmId) {
        if (drops.isEmpty()) {
            return false;
        }
        for (Drop drop : drops) {
            if (drop.vmId == vmId) {
                return true;
            }
        }
        return false;
    }

    void begin(long vmId) {
        drops.add(new Drop(vmId));
    }

    /** The one whose turn it is. There must be one. */
    Drop first() {
        return drops.getFirst();
    }

    void endFirst() {
        drops.removeFirst();
    }

    /** One VM's walk over the cells, then over the compressed tier's rows. */
    static final class Drop {
        final long vmId;
        int nextUnit;
        int nextRow;
        long pagesDropped;

        Drop(long vmId) {
            this.vmId = vmId;
        }
    }
}
