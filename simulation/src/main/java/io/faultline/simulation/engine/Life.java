// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.engine;

/** One life of a process: what it planned does not happen after its end. One thread. */
public final class Life {
    private boolean alive = true;

    /** Whether it has not ended. */
    public boolean isAlive() {
        return alive;
    }

    /** Ends it. */
    public void end() {
        alive = false;
    }
}
