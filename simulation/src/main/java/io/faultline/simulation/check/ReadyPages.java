// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.check;

import java.util.HashSet;
import java.util.Set;

/** The tokens of all VMs whose pages are mapped, or have failed for good: what page-ready may be said of. One thread. */
public final class ReadyPages {
    private final Set<Key> ready = new HashSet<>();

    /** The token's page is mapped, or does not come. */
    public void add(long vmId, int vcpuId, long epoch, int token) {
        ready.add(new Key(vmId, vcpuId, epoch, token));
    }

    boolean contains(long vmId, int vcpuId, long epoch, int token) {
        return ready.contains(new Key(vmId, vcpuId, epoch, token));
    }

    private record Key(long vmId, int vcpuId, long epoch, int token) {}
}
