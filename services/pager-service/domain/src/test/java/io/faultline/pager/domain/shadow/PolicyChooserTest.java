// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.pager.domain.eviction.PolicyKind;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class PolicyChooserTest {
    private static final int WINDOW = 2048;
    private static final int ALL = (1 << PolicyKind.values().length) - 1;
    private static final int LIRS = Shadows.bit(PolicyKind.LIRS);
    private static final int SIEVE = Shadows.bit(PolicyKind.SIEVE);

    private final PolicyChooser chooser = new PolicyChooser(PolicyKind.LRU, WINDOW);

    @Test
    void aPolicyThatWinsFourWindowsRunningIsWanted() {
        windows(3, 100, LIRS, 0);
        assertThat(chooser.wanted()).isEqualTo(PolicyKind.LRU);

        windows(1, 100, LIRS, 0);
        assertThat(chooser.wanted()).isEqualTo(PolicyKind.LIRS);
        assertThat(chooser.current()).isEqualTo(PolicyKind.LRU);
    }

    @Test
    void aWindowThatIsNotWonBeginsTheCountAnew() {
        windows(3, 100, LIRS, 0);
        windows(1, 0, LIRS, 0);
        windows(3, 100, LIRS, 0);
        assertThat(chooser.wanted()).isEqualTo(PolicyKind.LRU);

        windows(1, 100, LIRS, 0);
        assertThat(chooser.wanted()).isEqualTo(PolicyKind.LIRS);
    }

    @Test
    void aPolicyThatStopsBeingBetterBeforeItIsInForceIsNotWantedAnyMore() {
        windows(4, 100, LIRS, 0);
        windows(1, 0, LIRS, 0);

        assertThat(chooser.wanted()).isEqualTo(PolicyKind.LRU);
    }

    @Test
    void ofSeveralWinnersTheOneThatMissedLeastIsWanted() {
        for (int window = 0; window < 4; window++) {
            fetches(100, ALL & ~LIRS & ~SIEVE);
            fetches(50, ALL & ~SIEVE);
            fetches(WINDOW - 150, ALL);
        }

        assertThat(chooser.wanted()).isEqualTo(PolicyKind.SIEVE);
    }

    @Test
    void lessThanAFetchIn64IsNoGain() {
        windows(16, WINDOW / 64 - 1, LIRS, 0);
        assertThat(chooser.wanted()).isEqualTo(PolicyKind.LRU);

        windows(4, WINDOW / 64, LIRS, 0);
        assertThat(chooser.wanted()).isEqualTo(PolicyKind.LIRS);
    }

    @Test
    void lessThanAMissIn32IsNoGain() {
        for (int window = 0; window < 16; window++) {
            fetches(WINDOW / 32 - 1, ALL & ~LIRS);
            fetches(WINDOW - WINDOW / 32 + 1, ALL);
        }
        assertThat(chooser.wanted()).isEqualTo(PolicyKind.LRU);

        for (int window = 0; window < 4; window++) {
            fetches(WINDOW / 32, ALL & ~LIRS);
            fetches(WINDOW - WINDOW / 32, ALL);
        }
        assertThat(chooser.wanted()).isEqualTo(PolicyKind.LIRS);
    }

    @Test
    void aGainWithinThreeDeviationsOfChanceIsNone() {
        // LIRS is ahead by 100 fetches of 1,500 in which the two differ: 2.6 deviations.
        windows(16, 800, LIRS, 700);
        assertThat(chooser.wanted()).isEqualTo(PolicyKind.LRU);

        // By 140 of 1,460: 3.7.
        windows(4, 800, LIRS, 660);
        assertThat(chooser.wanted()).isEqualTo(PolicyKind.LIRS);
    }

    @Test
    void afterASwitchAllBeginsAnew() {
        windows(4, 100, LIRS, 0);
        chooser.switched(PolicyKind.LIRS);
        assertThat(chooser.current()).isEqualTo(PolicyKind.LIRS);
        assertThat(chooser.wanted()).isEqualTo(PolicyKind.LIRS);

        windows(16, 100, LIRS, 0);
        assertThat(chooser.wanted()).isEqualTo(PolicyKind.LIRS);
    }

    /** Ten thousand windows of policies that differ by chance only. */
    @RepeatedTest(5)
    void chanceMakesNoPolicyWanted(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        PolicyChooser shortWindows = new PolicyChooser(PolicyKind.LRU, 64);
        for (int fetch = 0; fetch < 10_000 * 64; fetch++) {
            shortWindows.fetched(random.nextInt(ALL + 1));
            assertThat(shortWindows.wanted()).isEqualTo(PolicyKind.LRU);
        }
    }

    /** Windows in which one shadow alone finds some pages, all others find some, and the rest is missed or found by all. */
    private void windows(int windows, int gains, int finder, int losses) {
        for (int window = 0; window < windows; window++) {
            fetches(gains, ALL & ~finder);
            fetches(losses, finder);
            int rest = WINDOW - gains - losses;
            fetches(rest / 4, ALL);
            fetches(rest - rest / 4, 0);
        }
    }

    private void fetches(int count, int missed) {
        for (int fetch = 0; fetch < count; fetch++) {
            chooser.fetched(missed);
        }
    }
}
