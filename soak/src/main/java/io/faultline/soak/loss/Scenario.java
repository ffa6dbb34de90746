// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.loss;

import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A part, how it is lost and how it comes back, and what is promised.
 *
 * @param name for a command line
 * @param words for a person
 * @param setup the system it is tried on
 * @param promise what must hold beside what always must
 * @param lose takes the part away; it is lost when this returns
 * @param away how long it stays away, beside the time that coming back takes
 * @param restore brings it back; it works again when this returns
 */
record Scenario(
        String name,
        String words,
        Setup setup,
        Promise promise,
        Consumer<LossSystem> lose,
        Duration away,
        Consumer<LossSystem> restore) {
    /**
     * What is promised of one loss. Of every one it is promised that each fault ends once or its client is told, that no page
     * is wrong or lost, that guests get on, and that the audit trail is whole or says what it lacks.
     *
     * @param vmsLive whether VMs go on; if not, their clients are told and begin them anew
     * @param audit what the trail may lack
     * @param isWokenByAll whether every guest must have been woken by a wake-all
     * @param standstillMax for how long a vCPU may stand still; null where that is for as long as their host, or the room for
     *     their pages, is away
     * @param goesOn whether guests get pages meanwhile, as fast as that may be
     */
    record Promise(
            boolean vmsLive,
            Audit audit,
            boolean isWokenByAll,
            @Nullable Duration standstillMax,
            boolean goesOn) {}

    /** What an audit trail may lack. */
    enum Audit {
        /** Nothing. */
        WHOLE,
        /** The last steps of a life that ended without a word; its chains have no CLOSED. */
        ENDS_OPEN,
        /** Steps that a service had to drop, and says so. */
        GAP_NAMED
    }

    /** Why it cannot be tried here; null when it can. */
    @Nullable
    String obstacle() {
        return setup.volume() == Setup.Volume.NONE ? null : SmallDisk.obstacle();
    }
}
