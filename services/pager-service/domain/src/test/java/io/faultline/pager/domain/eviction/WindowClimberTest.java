// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.eviction;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WindowClimberTest {
    private static final int PAGES = 100;

    private final WindowClimber climber = new WindowClimber(0.01, 0.80);

    @Test
    void aPoolThatIsNotFullTeachesNothing() {
        run(100, 0.5);

        assertThat(climber.share()).isEqualTo(0.01);
    }

    @Test
    void itGoesOnWhileHitsGrowAndTurnsBackWhenTheyFall() {
        climber.poolFull();
        run(10, 0.10);
        double first = climber.share();
        run(10, 0.20);
        double second = climber.share();
        run(10, 0.15);

        assertThat(first).isGreaterThan(0.01);
        assertThat(second).isGreaterThan(first);
        assertThat(climber.share()).isLessThan(second);
    }

    @Test
    void itStaysWithinItsBounds() {
        climber.poolFull();
        for (int i = 0; i < 200; i++) {
            run(10, i / 200.0);
            assertThat(climber.share()).isBetween(0.01, 0.80);
        }
        assertThat(climber.share()).isEqualTo(0.80);
    }

    /** So many references for each page of the pool, of which this share are hits. */
    private void run(int referencesAPage, double hitShare) {
        int references = referencesAPage * PAGES;
        for (int i = 0; i < references; i++) {
            if (i < hitShare * references) {
                climber.hit(PAGES);
            } else {
                climber.miss(PAGES);
            }
        }
    }
}
