// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak;

import io.faultline.loadtest.replay.ReplaySettings;
import io.faultline.loadtest.trace.Recording;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How long, with what load, and whether things go wrong.
 *
 * @param duration how long guests are at work, about
 * @param isChaos whether strikes are carried out
 * @param seed of the strikes and of the pages' contents
 * @param load what the guests do
 * @param home the repository's root, with executable jars and recordings
 * @param directory where data and logs go
 */
public record SoakSettings(Duration duration, boolean isChaos, long seed, Load load, Path home, Path directory) {
    /** How many pagers share the extents. */
    public static final int PAGERS = 3;

    /**
     * What the guests do.
     *
     * @param vms how many there are at a time
     * @param residentPages how many pages of each may be in its frames
     * @param faultsMax how many faults a VM lives for at most; then it is read back, ended, and another one begins
     * @param faultsPerS how many faults a second each raises at most; 0 for as many as the services allow
     */
    public record Load(int vms, long residentPages, int faultsMax, int faultsPerS) {
        /** A load with sane numbers. */
        public Load {
            require("VMs", vms, 1, 64);
            require("resident pages", residentPages, ReplaySettings.RESIDENT_PAGES_MIN, 1 << 16);
            require("faults of a VM", faultsMax, 500, Recording.FAULTS_MAX);
            require("faults a second", faultsPerS, 0, ReplaySettings.FAULTS_PER_S_MAX);
        }
    }

    /** Settings with a sane time. */
    public SoakSettings {
        require("seconds", duration.toSeconds(), 1, Duration.ofDays(7).toSeconds());
    }

    private static void require(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + min + " to " + max + ")");
        }
    }
}
