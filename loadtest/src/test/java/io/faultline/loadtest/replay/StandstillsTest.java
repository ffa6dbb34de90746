// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StandstillsTest {
    private final Standstills standstills = new Standstills();

    @Test
    void aFaultStandsStillUntilItsFirstOutcomeOnly() {
        standstills.began(1, 100);
        standstills.ended(1, 130);
        standstills.ended(1, 5_000);

        assertThat(standstills.totalNs()).isEqualTo(30);
    }

    @Test
    void vcpusThatStandStillAtOnceCountEach() {
        standstills.began(1, 100);
        standstills.began(2, 110);
        standstills.ended(2, 120);
        standstills.ended(1, 200);

        assertThat(standstills.totalNs()).isEqualTo(110);
    }

    @Test
    void theLongestIsOfOneVcpuAndOfThoseThatNoOutcomeCameForToo() {
        standstills.began(1, 100);
        standstills.ended(1, 140);
        standstills.began(2, 100);
        standstills.lost(170);

        assertThat(standstills.longestNs()).isEqualTo(70);
        assertThat(standstills.totalNs()).isEqualTo(110);
    }

    @Test
    void theLongestBeginsAnewAndWhoStandsStillGoesOn() {
        standstills.began(1, 100);
        standstills.ended(1, 140);
        standstills.began(2, 150);

        standstills.forgetLongest();
        standstills.ended(2, 170);

        assertThat(standstills.longestNs()).isEqualTo(20);
    }
}
