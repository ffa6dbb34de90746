// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.plane;

import io.faultline.simulation.engine.Life;
import java.util.ArrayList;
import java.util.TreeMap;

/** VMs that have ended and whose pages the pager shall forget: the service's own {@code PageDrops}. One thread. */
final class PageDrops {
    private final World world;
    private final Life life;
    private final PagePlane pager;
    private final TreeMap<Long, Drop> waiting = new TreeMap<>();

    PageDrops(World world, Life life, PagePlane pager) {
        this.world = world;
        this.life = life;
        this.pager = pager;
    }

    void add(long vmId) {
        waiting.put(vmId, new Drop());
    }

    /** Sends a drop; nothing of that VM may be on its way. */
    void send(long vmId) {
        Drop drop = waiting.get(vmId);
        if (drop == null || drop.sent) {
            return;
        }
        drop.sent = true;
        world.timeline().after(world.network().delayNs(), life, () -> {
            if (pager.isUp()) {
                pager.dropVm(
                        vmId,
                        ok -> world.timeline().after(world.network().delayNs(), life, () -> answered(vmId, drop, ok)));
            } else {
                answered(vmId, drop, false);
            }
        });
    }

    void sendAll() {
        new ArrayList<>(waiting.keySet()).forEach(this::send);
    }

    /** Takes back a drop that is not sent; false when it is under way. */
    boolean keep(long vmId) {
        Drop drop = waiting.get(vmId);
        if (drop != null && drop.sent) {
            return false;
        }
        waiting.remove(vmId);
        return true;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    int waiting() {
        return waiting.size();
    }

    private void answered(long vmId, Drop drop, boolean ok) {
        drop.sent = false;
        if (ok) {
            waiting.remove(vmId, drop);
        }
    }

    private static final class Drop {
        private boolean sent;
    }
}
