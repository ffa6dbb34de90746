// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/**
 * Pages on their way between a cell and the swap store, and the requests that wait for each. Loads that wait for their
 * turn stand in a {@link LoadQueue}. Everything is bounded. Owned by the pager's thread.
 */
final class FlightTable {
    static final int NONE = -1;

    /*
     * Flights and waiters are rows of arrays, free rows chained. A flight's waiters are a ring that its last one is
     * known of: the next after the last is the first. A flight is its VM's from when it is opened, and its waiters are
     * counted with its VM.
     */
    private final int[] cells;
    private final int[] lastWaiter;
    private final char[] tenantOf;
    private final boolean[] prefetch;
    private final int[] next;
    private int freeFlight;

    private final Tenants tenants;
    private final LoadQueue queue;

    private final int[] streams;
    private final long[] requestIds;
    private final int[] nextWaiter;
    private int freeWaiter;
    private final int waitersMax;
    private int waiters;

    /** An empty table, whose flights are for cells of so many units of 4,096 bytes. */
    FlightTable(int flightsMax, int waitersMax, Tenants tenants, IntUnaryOperator unitsOf) {
        this.waitersMax = waitersMax;
        this.tenants = tenants;
        queue = new LoadQueue(flightsMax, flight -> unitsOf.applyAsInt(cell(flight)));
        cells = new int[flightsMax];
        lastWaiter = new int[flightsMax];
        tenantOf = new char[flightsMax];
        prefetch = new boolean[flightsMax];
        next = chain(flightsMax);
        streams = new int[waitersMax];
        requestIds = new long[waitersMax];
        nextWaiter = chain(waitersMax);
        Arrays.fill(lastWaiter, NONE);
    }

    private static int[] chain(int length) {
        int[] chain = new int[length];
        for (int i = 0; i < length; i++) {
            chain[i] = i + 1 < length ? i + 1 : NONE;
        }
        return chain;
    }

    /** Whether one more request of a VM may wait. */
    boolean hasRoomForWaiter(Tenant tenant) {
        return tenants.admits(tenant, tenant.waiters, waiters, waitersMax);
    }

    private int open(int cell, Tenant tenant, boolean isPrefetch) {
        int flight = freeFlight;
        freeFlight = next[flight];
        cells[flight] = cell;
        lastWaiter[flight] = NONE;
        tenantOf[flight] = (char) tenant.slot;
        tenants.retain(tenant);
        prefetch[flight] = isPrefetch;
        return flight;
    }

    /** Opens a flight for a cell. The caller keeps to the number of flights that the table was made for. */
    int openFor(int cell, PageTable table, boolean isPrefetch) {
        int flight = open(cell, tenants.of(table.vmId(cell)), isPrefetch);
        table.setFlight(cell, flight);
        return flight;
    }

    /** Ends a cell's flight, which has no waiters any more and is not queued. */
    void closeFor(int cell, PageTable table) {
        int flight = table.flight(cell);
        table.setFlight(cell, PageTable.NONE);
        close(flight);
    }

    private void close(int flight) {
        if (lastWaiter[flight] != NONE || isQueued(flight)) {
            throw new IllegalStateException("flight: " + flight + " is waited for, or queued");
        }
        tenants.release(tenant(flight));
        next[flight] = freeFlight;
        freeFlight = flight;
    }

    int cell(int flight) {
        return cells[flight];
    }

    /** Whether nobody asked for the page but a hint. */
    boolean isPrefetch(int flight) {
        return prefetch[flight];
    }

    /** Lets a request wait for a flight, behind those that wait already. Needs {@link #hasRoomForWaiter}. */
    void join(int flight, int stream, long requestId) {
        int waiter = freeWaiter;
        freeWaiter = nextWaiter[waiter];
        streams[waiter] = stream;
        requestIds[waiter] = requestId;
        int tail = lastWaiter[flight];
        if (tail == NONE) {
            nextWaiter[waiter] = waiter;
        } else {
            nextWaiter[waiter] = nextWaiter[tail];
            nextWaiter[tail] = waiter;
        }
        lastWaiter[flight] = waiter;
        waiters++;
        tenant(flight).waiters++;
    }

    /** Whether anybody waits for the flight. */
    boolean isWaitedFor(int flight) {
        return lastWaiter[flight] != NONE;
    }

    /** The stream of the flight's first waiter. */
    int firstStream(int flight) {
        return streams[nextWaiter[lastWaiter[flight]]];
    }

    /** The request of the flight's first waiter. */
    long firstRequestId(int flight) {
        return requestIds[nextWaiter[lastWaiter[flight]]];
    }

    /** Lets the flight's first waiter go. */
    void leaveFirst(int flight) {
        int tail = lastWaiter[flight];
        int waiter = nextWaiter[tail];
        if (waiter == tail) {
            lastWaiter[flight] = NONE;
        } else {
            nextWaiter[tail] = nextWaiter[waiter];
        }
        nextWaiter[waiter] = freeWaiter;
        freeWaiter = waiter;
        waiters--;
        tenant(flight).waiters--;
    }

    /** The loads that wait for their turn. */
    int queued() {
        return queue.demands() + queue.prefetches();
    }

    /** Of those, the ones that nobody asked for but a hint. */
    int prefetchesQueued() {
        return queue.prefetches();
    }

    /** Of those, the ones that somebody waits for. */
    int demandsQueued() {
        return queue.demands();
    }

    boolean isQueued(int flight) {
        return queue.contains(flight);
    }

    /** Lets a flight wait for its turn. */
    void enqueue(int flight) {
        if (prefetch[flight]) {
            queue.addPrefetch(flight);
        } else {
            queue.addDemand(flight, tenant(flight));
        }
    }

    /** Makes a prefetch a demand; a queued one goes behind its VM's other demand. */
    void promote(int flight) {
        prefetch[flight] = false;
        if (isQueued(flight)) {
            queue.removePrefetch(flight);
            enqueue(flight);
        }
    }

    /** Takes the next demand out of its queue; {@link #NONE} if there is none. */
    int pollDemand() {
        return queue.pollDemand();
    }

    /** Takes the next prefetch out of its queue; {@link #NONE} if there is none. */
    int pollPrefetch() {
        return queue.pollPrefetch();
    }

    /** The VM that a flight is for. */
    Tenant tenant(int flight) {
        return tenants.at(tenantOf[flight]);
    }
}
