// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain.prefetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PrefetchWindowTest {
    private final PrefetchWindow window = new PrefetchWindow(PrefetchWindow.PAGES_MAX);

    @Test
    void itOpensForOnePageAndDoublesWhileItIsRight() {
        List<Integer> pages = new ArrayList<>();
        window.tryOpen();
        for (int i = 0; i < 7; i++) {
            pages.add(window.pages());
            window.foreseen();
        }
        assertThat(pages).containsExactly(1, 2, 4, 8, 16, 32, 32);
    }

    @Test
    void itHalvesWhileItIsWrongDownToNothing() {
        open();
        List<Integer> pages = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            window.unforeseen();
            pages.add(window.pages());
        }
        assertThat(pages).containsExactly(16, 8, 4, 2, 1, 0, 0);
    }

    @Test
    void eachTryInVainDoublesTheMissesBeforeTheNext() {
        List<Integer> gaps = new ArrayList<>();
        int gap = 0;
        for (int miss = 0; miss < 400; miss++) {
            window.unforeseen();
            if (window.pages() == 0 && window.mayOpen()) {
                gaps.add(gap);
                gap = 0;
                window.tryOpen();
            } else {
                gap++;
            }
        }
        assertThat(gaps).startsWith(0, 1, 2, 4, 8, 16, 32, 64, 64, 64);
    }

    @Test
    void onceRightItIsTriedAgainAtOnce() {
        for (int tries = 0; tries < 6; tries++) {
            window.tryOpen();
            window.unforeseen();
        }
        assertThat(window.mayOpen()).isFalse();

        window.foreseen();
        window.unforeseen();
        window.unforeseen();

        assertThat(window.mayOpen()).isTrue();
    }

    @Test
    void aLimitOfNothingNeverOpens() {
        PrefetchWindow off = new PrefetchWindow(0);

        off.foreseen();
        off.tryOpen();

        assertThat(off.pages()).isZero();
        assertThat(off.mayOpen()).isFalse();
    }

    @Test
    void itNeverPassesItsLimit() {
        Random random = new Random(1);
        for (int limit = 0; limit <= PrefetchWindow.PAGES_MAX; limit++) {
            PrefetchWindow limited = new PrefetchWindow(limit);
            for (int i = 0; i < 1_000; i++) {
                switch (random.nextInt(4)) {
                    case 0 -> limited.unforeseen();
                    case 1 -> limited.tryOpen();
                    default -> limited.foreseen();
                }
                assertThat(limited.pages()).isBetween(0, limit);
            }
        }
    }

    @Test
    void limitsOutOfRangeAreRefused() {
        assertThatThrownBy(() -> new PrefetchWindow(33))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("pagesMax: 33 (expected: 0 to 32)");
        assertThatThrownBy(() -> new PrefetchWindow(-1)).hasMessage("pagesMax: -1 (expected: 0 to 32)");
    }

    private void open() {
        window.tryOpen();
        for (int i = 0; i < 5; i++) {
            window.foreseen();
        }
        assertThat(window.pages()).isEqualTo(32);
    }
}
