// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.guest;

import io.faultline.simulation.engine.Chance;
import java.util.List;

/**
 * What a VM has.
 *
 * @param vmId its id
 * @param vcpuIds its vCPUs
 * @param tasksPerVcpu tasks on each
 * @param pages pages of its main memslot, from gfn 0
 * @param hotPages how many of the first pages half of all accesses go to
 * @param userOnly whether its tasks touch pages in user mode only, and never ahead
 */
public record GuestLayout(
        long vmId, List<Integer> vcpuIds, int tasksPerVcpu, int pages, int hotPages, boolean userOnly) {
    /** Where the memslot is that comes and goes. */
    public static final long SIDE_GFN = 0x1_0000;
    /** How many pages it has. */
    public static final int SIDE_PAGES = 24;

    /** A page of the memslot that comes and goes, or one beside any. */
    long sidePage(Chance chance) {
        return SIDE_GFN + chance.below(SIDE_PAGES + 2);
    }
}
