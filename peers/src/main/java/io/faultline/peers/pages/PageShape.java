// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers.pages;

/**
 * How pages are asked for.
 *
 * @param pages how many in a request, 1 to 64
 * @param inFlight how many requests at a time, on one connection
 */
public record PageShape(int pages, int inFlight) {
    @Override
    public String toString() {
        return pages + " x " + inFlight;
    }

    String key() {
        return "pages_" + pages + "_in_flight_" + inFlight;
    }
}
