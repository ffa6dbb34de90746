// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import java.util.function.IntUnaryOperator;

/**
 * The loads that wait for their turn: demand before prefetch, each VM's demand in order, and VMs by turns of their
 * weights. Owned by the pager's thread.
 */
final class LoadQueue {
    /*
     * Demand is served by start-time fair queueing. A lane's key is the time, in a time of the queue's own, at which
     * its next load may begin: a load moves it on by its size over the VM's weight. The least key is next, and its time
     * is the queue's. A VM that has had nothing to load begins at that time: so it owes nothing for having waited, is
     * owed nothing, and at most one load of each other VM goes before its first.
     *
     * Deficit round robin would do without the heap, but a VM's turn is as long as its weight times the largest page:
     * what a fault waits for would grow with the weights of the others.
     *
     * Source: Goyal, Vin and Cheng, "Start-time Fair Queueing: A Scheduling Algorithm for Integrated Services Packet
     * Switching Networks", SIGCOMM '96.
     */
    static final int NONE = -1;

    /** What a unit of 4,096 bytes costs a VM of weight 1; divided by weights, so large. */
    private static final long COST = 1L << 20;

    private static final byte NOT_QUEUED = 0;
    private static final byte DEMAND = 1;
    private static final byte PREFETCH = 2;

    private final int[] next;
    private final int[] previous;
    private final byte[] state;
    private final IntUnaryOperator unitsOf;
    private final KeyHeap<Lane> lanes = new KeyHeap<>();
    private final Line prefetches = new Line();
    private int demands;
    private long now;

    /** An empty queue for numbered loads, each of so many units of 4,096 bytes. */
    LoadQueue(int loads, IntUnaryOperator unitsOf) {
        next = new int[loads];
        previous = new int[loads];
        state = new byte[loads];
        this.unitsOf = unitsOf;
    }

    /** Loads one behind the other. */
    private static final class Line {
        private int first = NONE;
        private int last = NONE;
        private int size;
    }

    /** The demand of one VM. */
    static final class Lane extends KeyHeap.Entry {
        private final Tenant tenant;
        private final Line line = new Line();

        Lane(Tenant tenant) {
            this.tenant = tenant;
        }

        int size() {
            return line.size;
        }
    }

    int demands() {
        return demands;
    }

    int prefetches() {
        return prefetches.size;
    }

    boolean contains(int load) {
        return state[load] != NOT_QUEUED;
    }

    void addPrefetch(int load) {
        append(load, prefetches);
        state[load] = PREFETCH;
    }

    void addDemand(int load, Tenant tenant) {
        Lane lane = tenant.lane;
        append(load, lane.line);
        state[load] = DEMAND;
        demands++;
        if (!lane.isInHeap()) {
            lanes.put(lane, lane.key() - now < 0 ? now : lane.key());
        }
    }

    /** Takes a prefetch out of its place. */
    void removePrefetch(int load) {
        unlink(load, prefetches);
    }

    /** Takes the next demand out; {@link #NONE} if there is none. */
    int pollDemand() {
        Lane lane = lanes.first();
        if (lane == null) {
            return NONE;
        }
        int load = lane.line.first;
        unlink(load, lane.line);
        demands--;
        now = lane.key();
        lanes.put(lane, now + unitsOf.applyAsInt(load) * COST / lane.tenant.weight());
        if (lane.line.size == 0) {
            lanes.remove(lane);
        }
        return load;
    }

    /** Takes the next prefetch out; {@link #NONE} if there is none. */
    int pollPrefetch() {
        int load = prefetches.first;
        if (load != NONE) {
            unlink(load, prefetches);
        }
        return load;
    }

    private void append(int load, Line line) {
        next[load] = NONE;
        previous[load] = line.last;
        if (line.last == NONE) {
            line.first = load;
        } else {
            next[line.last] = load;
        }
        line.last = load;
        line.size++;
    }

    private void unlink(int load, Line line) {
        if (previous[load] == NONE) {
            line.first = next[load];
        } else {
            next[previous[load]] = next[load];
        }
        if (next[load] == NONE) {
            line.last = previous[load];
        } else {
            previous[next[load]] = previous[load];
        }
        state[load] = NOT_QUEUED;
        line.size--;
    }
}
