// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers.faults;

/**
 * How much is asked for at once.
 *
 * @param inFlight vCPUs, each with one fault under way
 */
public record VcpusShape(int inFlight) {
    @Override
    public String toString() {
        return Integer.toString(inFlight);
    }

    String key() {
        return "in_flight_" + inFlight;
    }
}
