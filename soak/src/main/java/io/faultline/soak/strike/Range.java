// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.strike;

import java.time.Duration;
import java.util.Random;

/**
 * A range of times to draw from.
 *
 * @param leastMs the shortest, in milliseconds
 * @param mostMs the longest, in milliseconds
 */
record Range(int leastMs, int mostMs) {
    Duration draw(Random random) {
        return Duration.ofMillis(leastMs + random.nextInt(mostMs - leastMs + 1));
    }
}
