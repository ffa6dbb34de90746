// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PaceTest {
    private static final long BEGIN_NS = Long.MAX_VALUE - 1_000;
    private static final long MS = 1_000_000;

    @Test
    void withoutABoundNobodyWaits() {
        Pace pace = new Pace(0);

        assertThat(pace.waitNs(atMs(0))).isZero();
        assertThat(pace.waitNs(atMs(0))).isZero();
    }

    @Test
    void whatIsEarlyWaitsForItsTurnThoughTheClockWrapsAround() {
        Pace pace = new Pace(1_000);

        assertThat(pace.waitNs(atMs(0))).isZero();
        assertThat(pace.waitNs(atMs(0))).isEqualTo(MS);
        assertThat(pace.waitNs(atMs(0))).isEqualTo(2 * MS);
        assertThat(pace.waitNs(atMs(1))).isEqualTo(2 * MS);
    }

    @Test
    void timeThatNobodyUsedIsNotMadeUpFor() {
        Pace pace = new Pace(1_000);
        pace.waitNs(atMs(0));

        assertThat(pace.waitNs(atMs(50))).isZero();
        assertThat(pace.waitNs(atMs(50))).isEqualTo(MS);
    }

    private static long atMs(long ms) {
        return BEGIN_NS + ms * MS;
    }
}
