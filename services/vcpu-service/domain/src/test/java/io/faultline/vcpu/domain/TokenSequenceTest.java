// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.model.Token;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class TokenSequenceTest {
    /** A1: not 0. */
    @Test
    @Tag("A1")
    void theFirstTokenOfVcpu0Is0x1000() {
        assertThat(next(new TokenSequence(0))).isEqualTo(0x1000);
    }

    @Test
    @Tag("A2")
    void theLow12BitsAreTheVcpu() {
        TokenSequence sequence = new TokenSequence(5);

        assertThat(new int[] {next(sequence), next(sequence), next(sequence)}).containsExactly(0x1005, 0x2005, 0x3005);
    }

    @Test
    @Tag("A6")
    void theNumberWrapsTo1() {
        TokenSequence sequence = new TokenSequence(0, Token.SEQUENCE_MAX - 1);

        assertThat(next(sequence)).isEqualTo(0xFFFF_F000);
        assertThat(next(sequence)).isEqualTo(0x1000);
    }

    @Test
    void theWakeAllValueIsNeverDrawn() {
        TokenSequence sequence = new TokenSequence(Token.VCPU_ID_MAX, Token.SEQUENCE_MAX - 1);

        assertThat(next(sequence)).isEqualTo(0x1FFF);
    }

    /** A3 across a wrap. */
    @Test
    @Tag("A3")
    void outstandingTokensAreSkipped() {
        TokenSequence sequence = new TokenSequence(0, Token.SEQUENCE_MAX);

        assertThat(sequence.next(token -> token == 0x1000 || token == 0x2000)).isEqualTo(0x3000);
    }

    @Test
    void aTokenGivenBackIsDrawnAgain() {
        TokenSequence sequence = new TokenSequence(1);
        next(sequence);
        int refused = next(sequence);

        sequence.giveBack(refused);

        assertThat(next(sequence)).isEqualTo(refused);
    }

    @Test
    void onlyTheLastTokenCanBeGivenBackAndOnce() {
        TokenSequence sequence = new TokenSequence(1);
        int first = next(sequence);
        int second = next(sequence);

        assertThatThrownBy(() -> sequence.giveBack(first)).isInstanceOf(IllegalStateException.class);
        sequence.giveBack(second);
        assertThatThrownBy(() -> sequence.giveBack(second)).isInstanceOf(IllegalStateException.class);
    }

    private static int next(TokenSequence sequence) {
        return sequence.next(token -> false);
    }
}
