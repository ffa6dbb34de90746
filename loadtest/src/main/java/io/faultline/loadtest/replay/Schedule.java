// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import io.faultline.loadtest.trace.Recording;

/**
 * When a guest's accesses are due. In a closed loop each is due as soon as its task has ended the one before; in an open
 * loop it is due at a time of its own, whatever the services do meanwhile. Immutable.
 */
public sealed interface Schedule {
    /** The highest rate that can be asked for. */
    double FAULTS_PER_S_MAX = 1_000_000;

    /** The bounds of how much faster than it was recorded a recording may be replayed. */
    double SPEED_MIN = 0.001;

    /** See {@link #SPEED_MIN}. */
    double SPEED_MAX = 1_000_000;

    /** Whether accesses have times of their own. */
    default boolean isOpen() {
        return !(this instanceof Closed);
    }

    /** When an access is due, in nanoseconds since the guest began; never earlier than those before it. */
    long dueNs(Recording recording, int access);

    /** As fast as the services allow. */
    record Closed() implements Schedule {
        @Override
        public long dueNs(Recording recording, int access) {
            return 0;
        }
    }

    /**
     * At the recorded times, or so many times as fast.
     *
     * @param speed 2 for twice as fast as recorded, {@link #SPEED_MIN} to {@link #SPEED_MAX}
     */
    record Recorded(double speed) implements Schedule {
        /** A sane speed. */
        public Recorded {
            if (!(speed >= SPEED_MIN && speed <= SPEED_MAX)) {
                throw new IllegalArgumentException(
                        "speed: " + speed + " (expected: " + SPEED_MIN + " to " + (long) SPEED_MAX + ")");
            }
        }

        @Override
        public long dueNs(Recording recording, int access) {
            return (long) (recording.timeNs(access) / speed);
        }
    }

    /**
     * At equal distances.
     *
     * @param faultsPerS how many a second, above 0 and up to {@link #FAULTS_PER_S_MAX}
     */
    record Rate(double faultsPerS) implements Schedule {
        private static final double NS_PER_S = 1e9;

        /** A sane rate. */
        public Rate {
            if (!(faultsPerS > 0 && faultsPerS <= FAULTS_PER_S_MAX)) {
                throw new IllegalArgumentException("rate: " + faultsPerS
                        + " faults a second (expected: more than 0, at most " + (long) FAULTS_PER_S_MAX + ")");
            }
        }

        @Override
        public long dueNs(Recording recording, int access) {
            return (long) (access * (NS_PER_S / faultsPerS));
        }
    }
}
