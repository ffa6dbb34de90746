// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.telemetry.trace;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A service's traced work that has not ended, at most 64 pieces. Work that stays for long gives its place to new work when there
 * is no other. Loop thread only.
 *
 * @param <W> what is traced
 */
public final class TraceTable<W extends TracedWork> {
    /** How much work may be traced at a time: whoever looks for a piece goes through all. */
    public static final int WORK_MAX = 64;

    /** How long work keeps its place against new work. */
    static final long KEPT_NS = Duration.ofSeconds(30).toNanos();

    private final TraceQueue queue;
    private final List<W> open = new ArrayList<>(WORK_MAX);

    /** A table whose work goes to this queue when it ends. */
    public TraceTable(TraceQueue queue) {
        this.queue = queue;
    }

    /** Whether no work is traced now. */
    public boolean isEmpty() {
        return open.isEmpty();
    }

    /** How much work is traced now. */
    public int size() {
        return open.size();
    }

    /** The work at a place, from 0; in the order in which it began. */
    public W get(int place) {
        return open.get(place);
    }

    /** Follows work from now on; false when it cannot be, for there is no room, or nobody to tell it to. */
    public boolean add(W work) {
        if (!queue.isOn()) {
            return false;
        }
        if (open.size() == WORK_MAX && !abandonOldest(work.beganNs())) {
            queue.countTableFull();
            return false;
        }
        open.add(work);
        return true;
    }

    /** Work has ended: it is told. Nothing happens to work that is not followed (any more). */
    public void end(W work) {
        if (open.remove(work)) {
            queue.offer(work);
        }
    }

    private boolean abandonOldest(long nowNs) {
        if (nowNs - open.getFirst().beganNs() < KEPT_NS) {
            return false;
        }
        open.removeFirst();
        queue.countAbandoned();
        return true;
    }
}
