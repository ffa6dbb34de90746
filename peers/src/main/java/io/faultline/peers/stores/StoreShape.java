// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers.stores;

import java.util.Locale;

/**
 * What a store is asked for.
 *
 * @param operation fetch or store
 * @param inFlight how many pages at a time
 */
record StoreShape(Operation operation, int inFlight) {
    @Override
    public String toString() {
        return word() + " x " + inFlight;
    }

    String key() {
        return word() + "_in_flight_" + inFlight;
    }

    private String word() {
        return operation.name().toLowerCase(Locale.ROOT);
    }

    /** The two things that cost. */
    enum Operation {
        /** Reads a page that is there. */
        FETCH,
        /** Keeps a page under a name that is new. */
        STORE
    }
}
