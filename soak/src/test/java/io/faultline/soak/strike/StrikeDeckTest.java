// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.strike;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

class StrikeDeckTest {
    private static final List<StrikeKind> KINDS = List.of(StrikeKind.values());

    @RepeatedTest(20)
    void everyKindComesOnceBeforeAnyComesAgainAndTheSeedSaysInWhichOrder(RepetitionInfo repetition) {
        long seed = repetition.getCurrentRepetition();
        List<StrikeKind> drawn = draw(seed);

        assertThat(drawn.subList(0, KINDS.size())).containsExactlyInAnyOrderElementsOf(KINDS);
        assertThat(drawn.subList(KINDS.size(), 2 * KINDS.size())).containsExactlyInAnyOrderElementsOf(KINDS);
        assertThat(draw(seed)).isEqualTo(drawn);
        assertThat(draw(seed + 1)).isNotEqualTo(drawn);
    }

    private static List<StrikeKind> draw(long seed) {
        StrikeDeck deck = new StrikeDeck(KINDS, new Random(seed));
        return Stream.generate(deck::draw).limit(2L * KINDS.size()).toList();
    }
}
