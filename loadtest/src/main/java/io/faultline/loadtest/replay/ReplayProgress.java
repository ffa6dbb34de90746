// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

/** Hears how far a replay is. Called on the replay's loop, often: implementations only note the numbers. */
public interface ReplayProgress {
    /** Hears nothing. */
    ReplayProgress NONE = (phase, done, total) -> {};

    /** The parts of a replay that take time. */
    enum Phase {
        /** Writing the recorded process's memory; counted in pages. */
        POPULATE,
        /** Replaying; counted in faults. */
        REPLAY,
        /** Reading the memory back; counted in pages. */
        READ_BACK
    }

    /** {@code done} of {@code total} are done. */
    void reached(Phase phase, long done, long total);
}
