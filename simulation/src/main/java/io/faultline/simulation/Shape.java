// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation;

import io.faultline.model.PageSize;
import io.faultline.simulation.engine.Chance;
import io.faultline.vcpu.domain.prefetch.PrefetchWindow;
import java.util.List;

/**
 * How large a run is and how rough, drawn from its seed.
 *
 * @param vms VMs, with ids from 1
 * @param vcpuIds the vCPUs of each
 * @param tasksPerVcpu tasks of each vCPU
 * @param pages pages of each VM's main memslot
 * @param hotPages how many of the first pages half of all accesses go to
 * @param frames frames of each VM
 * @param pageSize their size
 * @param prefetchPagesMax how many pages ahead of a vCPU's misses are hinted; 0 for none
 * @param crowded whether there are more tasks on a vCPU than works, frames for all of them, and a store whose reads take seconds
 * @param rival whether another vcpu-service, of another make, uses the same notifier
 * @param calmMostNs the longest time between two blows of the nemesis
 */
record Shape(
        int vms,
        List<Integer> vcpuIds,
        int tasksPerVcpu,
        int pages,
        int hotPages,
        int frames,
        PageSize pageSize,
        int prefetchPagesMax,
        boolean crowded,
        boolean rival,
        long calmMostNs) {
    private static final long MS = 1_000_000;
    private static final int PREFETCH_OFF_ONCE_IN = 4;

    static Shape draw(Chance chance) {
        boolean crowded = chance.onceIn(64);
        List<Integer> vcpuIds = switch (chance.below(4)) {
            case 0 -> List.of(0);
            case 1 -> List.of(5, 4095);
            default -> List.of(0, 1);
        };
        PageSize pageSize = chance.onceIn(4) ? PageSize.SIZE_64K : PageSize.SIZE_4K;
        int pages = (int) chance.between(72, 140);
        long calmMostNs = switch (chance.below(4)) {
            case 0 -> 1000 * MS;
            case 1 -> 2 * MS;
            default -> 20 * MS;
        };
        if (crowded) {
            calmMostNs = 1000 * MS;
        }
        return new Shape(
                crowded ? 1 : (int) chance.between(1, 2) + (chance.onceIn(8) ? 1 : 0),
                crowded ? List.of(0) : vcpuIds,
                crowded ? (int) chance.between(70, 90) : (int) chance.between(1, 8),
                crowded ? 420 : pages,
                crowded ? 420 : pages / 4,
                crowded ? 230 : (int) chance.between(64, 80),
                pageSize,
                pages % PREFETCH_OFF_ONCE_IN == 0 ? 0 : 1 + pages % PrefetchWindow.PAGES_MAX,
                crowded,
                !crowded && chance.onceIn(4),
                calmMostNs);
    }
}
