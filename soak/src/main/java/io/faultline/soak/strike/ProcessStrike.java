// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.strike;

import java.time.Duration;

/**
 * A process that is killed or stopped.
 *
 * @param kind what it is
 * @param target what is hit
 * @param lasts how long
 * @param hitting has it happen
 * @param healing makes it good, and returns when it is
 * @param restoring puts it back as it was
 */
record ProcessStrike(
        StrikeKind kind, String target, Duration lasts, Runnable hitting, Runnable healing, Runnable restoring)
        implements Strike {
    /** One after whose healing nothing is left to do. */
    ProcessStrike(StrikeKind kind, String target, Duration lasts, Runnable hitting, Runnable healing) {
        this(kind, target, lasts, hitting, healing, () -> {});
    }

    @Override
    public void hit() {
        hitting.run();
    }

    @Override
    public void heal() {
        healing.run();
    }

    @Override
    public void restore() {
        restoring.run();
    }
}
