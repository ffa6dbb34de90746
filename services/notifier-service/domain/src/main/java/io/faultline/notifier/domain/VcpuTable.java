// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The vCPUs by (vm, vcpu), without an object per lookup. Owned by the machine's thread. */
final class VcpuTable {
    /*
     * Open addressing with linear probing, at most half full. Removal shifts later entries of the probe sequence back, so
     * there are no tombstones and a lookup stops at the first empty cell.
     */
    private static final int CELLS_MIN = 16;

    private @Nullable Vcpu[] cells = new @Nullable Vcpu[CELLS_MIN];
    private int size;

    @Nullable
    Vcpu find(long vmId, int vcpuId) {
        int cell = home(vmId, vcpuId);
        Vcpu vcpu;
        while ((vcpu = cells[cell]) != null) {
            if (vcpu.is(vmId, vcpuId)) {
                return vcpu;
            }
            cell = after(cell);
        }
        return null;
    }

    /** Adds a vCPU that is not in the table. */
    void add(Vcpu vcpu) {
        if (2 * (size + 1) > cells.length) {
            grow();
        }
        put(vcpu);
        size++;
    }

    /** Removes a vCPU that is in the table. */
    void remove(Vcpu vcpu) {
        int hole = home(vcpu);
        while (cells[hole] != vcpu) {
            if (cells[hole] == null) {
                throw new IllegalStateException("vCPU: not in the table (expected: in it)");
            }
            hole = after(hole);
        }
        cells[hole] = null;
        size--;
        closeGap(hole);
    }

    /** The vCPUs of which a predicate holds. */
    List<Vcpu> matching(Predicate<Vcpu> predicate) {
        List<Vcpu> found = new ArrayList<>();
        for (Vcpu vcpu : cells) {
            if (vcpu != null && predicate.test(vcpu)) {
                found.add(vcpu);
            }
        }
        return found;
    }

    void forEach(Consumer<Vcpu> action) {
        for (Vcpu vcpu : cells) {
            if (vcpu != null) {
                action.accept(vcpu);
            }
        }
    }

    int size() {
        return size;
    }

    private void closeGap(int gap) {
        int hole = gap;
        int cell = after(hole);
        Vcpu vcpu;
        while ((vcpu = cells[cell]) != null) {
            boolean isHomeBeyondHole = distance(home(vcpu), cell) < distance(hole, cell);
            if (!isHomeBeyondHole) {
                cells[hole] = vcpu;
                cells[cell] = null;
                hole = cell;
            }
            cell = after(cell);
        }
    }

    private void grow() {
        @Nullable Vcpu[] old = cells;
        cells = new @Nullable Vcpu[2 * old.length];
        for (Vcpu vcpu : old) {
            if (vcpu != null) {
                put(vcpu);
            }
        }
    }

    private void put(Vcpu vcpu) {
        int cell = home(vcpu);
        while (cells[cell] != null) {
            cell = after(cell);
        }
        cells[cell] = vcpu;
    }

    private int home(Vcpu vcpu) {
        return home(vcpu.reports().vmId(), vcpu.reports().vcpuId());
    }

    private int home(long vmId, int vcpuId) {
        long mixed = (vmId * 31 + vcpuId) * 0x9E37_79B9_7F4A_7C15L;
        return (int) (mixed >>> 32) & (cells.length - 1);
    }

    private int after(int cell) {
        return (cell + 1) & (cells.length - 1);
    }

    private int distance(int from, int to) {
        return (to - from) & (cells.length - 1);
    }
}
