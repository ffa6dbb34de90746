// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import io.faultline.audit.spool.SpoolCounts;
import java.time.Duration;

/** Where finished blocks leave the process. The publishing thread's; the counts may be read by any. */
interface Outlet extends BlockFolder.Sink {
    /** Does what time asks for; called every few milliseconds. */
    void look();

    /** The machine's wall clock was put back, by a second or more. */
    void clockWasPutBack();

    /** Ends, after waiting for acknowledgements for at most that long. */
    void close(Duration timeout);

    /** What became of blocks. */
    Deliveries deliveries();

    /** What waits on disk. */
    SpoolCounts spool();

    /** Steps of this life that are lost. */
    long droppedSteps();

    /** The age that the last acknowledged block had, or how long the broker has been silent if that is longer. */
    long lagUs();
}
