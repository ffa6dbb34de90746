// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak;

import io.faultline.soak.strike.StrikeRecord;

/** Hears how a soak gets on; on any thread. */
public interface SoakListener {
    /** A part of the system is about to be started, or a part of the soak to begin; in words. */
    void begins(String what);

    /** A strike was survived. */
    void survived(StrikeRecord strike);
}
