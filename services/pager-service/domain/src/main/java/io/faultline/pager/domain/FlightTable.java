// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import java.util.Arrays;

/**
 * Pages on their way between a cell and the swap store, and the requests that wait for each. Loads that wait for their
 * turn stand in two queues, demand before prefetch. Everything is bounded. Owned by the pager's thread.
 */
final class FlightTable {
    static final int NONE = -1;

    /*
     * Flights and waiters are rows of arrays, free rows chained. A flight's waiters are a ring that its last one is
     * known of: the next after the last is the first. A queued flight is linked into one of two lists.
     */
    private static final int DEMAND = 0;
    private static final int PREFETCH = 1;
    private static final byte NOT_QUEUED = -1;

    private final int[] cells;
    private final int[] lastWaiter;
    private final byte[] queue;
    private final boolean[] prefetch;
    private final int[] next;
    private final int[] previous;
    private int freeFlight;

    private final int[] first = {NONE, NONE};
    private final int[] last = {NONE, NONE};
    private final int[] queued = new int[2];

    private final int[] streams;
    private final long[] requestIds;
    private final int[] nextWaiter;
    private int freeWaiter;

    FlightTable(int flightsMax, int waitersMax) {
        cells = new int[flightsMax];
        lastWaiter = new int[flightsMax];
        queue = new byte[flightsMax];
        prefetch = new boolean[flightsMax];
        next = chain(flightsMax);
        previous = new int[flightsMax];
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

    /** Whether one more request may wait. */
    boolean hasRoomForWaiter() {
        return freeWaiter != NONE;
    }

    private int open(int cell, boolean isPrefetch) {
        int flight = freeFlight;
        freeFlight = next[flight];
        cells[flight] = cell;
        lastWaiter[flight] = NONE;
        queue[flight] = NOT_QUEUED;
        prefetch[flight] = isPrefetch;
        return flight;
    }

    /** Opens a flight for a cell. The caller keeps to the number of flights that the table was made for. */
    int openFor(int cell, PageTable table, boolean isPrefetch) {
        int flight = open(cell, isPrefetch);
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
        if (lastWaiter[flight] != NONE || queue[flight] != NOT_QUEUED) {
            throw new IllegalStateException("flight: " + flight + " is waited for, or queued");
        }
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
    }

    /** The loads that wait for their turn. */
    int queued() {
        return queued[DEMAND] + queued[PREFETCH];
    }

    boolean isDemandQueued() {
        return queued[DEMAND] > 0;
    }

    boolean isQueued(int flight) {
        return queue[flight] != NOT_QUEUED;
    }

    /** Puts a flight at the end of its queue. */
    void enqueue(int flight) {
        int list = prefetch[flight] ? PREFETCH : DEMAND;
        queue[flight] = (byte) list;
        next[flight] = NONE;
        previous[flight] = last[list];
        if (last[list] == NONE) {
            first[list] = flight;
        } else {
            next[last[list]] = flight;
        }
        last[list] = flight;
        queued[list]++;
    }

    /** Makes a prefetch a demand; a queued one moves to the end of the demand queue. */
    void promote(int flight) {
        boolean wasQueued = isQueued(flight);
        if (wasQueued) {
            dequeue(flight);
        }
        prefetch[flight] = false;
        if (wasQueued) {
            enqueue(flight);
        }
    }

    /** Takes the next demand out of its queue; {@link #NONE} if there is none. */
    int pollDemand() {
        return poll(DEMAND);
    }

    /** Takes the next prefetch out of its queue; {@link #NONE} if there is none. */
    int pollPrefetch() {
        return poll(PREFETCH);
    }

    private int poll(int list) {
        int flight = first[list];
        if (flight != NONE) {
            dequeue(flight);
        }
        return flight;
    }

    private void dequeue(int flight) {
        int list = queue[flight];
        if (previous[flight] == NONE) {
            first[list] = next[flight];
        } else {
            next[previous[flight]] = next[flight];
        }
        if (next[flight] == NONE) {
            last[list] = previous[flight];
        } else {
            previous[next[flight]] = previous[flight];
        }
        queue[flight] = NOT_QUEUED;
        queued[list]--;
    }
}
