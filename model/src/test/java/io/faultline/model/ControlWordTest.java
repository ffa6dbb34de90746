// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ControlWordTest {
    @Test
    void theHypercallsArgumentsMakeOneWord() {
        long word = ControlWord.of(0x8000_0041, 0x1);

        assertThat(ControlWord.areaAddress(word)).isEqualTo(0x1_8000_0040L);
        assertThat(ControlWord.isEnabled(word)).isTrue();
        assertThat(ControlWord.sendsAlways(word)).isFalse();
    }

    @Test
    void reservedBitsAndFlagsWithoutEnabledAreRefused() {
        assertThat(ControlWord.isValid(0)).isTrue();
        assertThat(ControlWord.isValid(0x1041)).isTrue();
        assertThat(ControlWord.isValid(0x1043)).isTrue();
        assertThat(ControlWord.isValid(0x1042)).isFalse();
        assertThat(ControlWord.isValid(0x1045)).isFalse();
        assertThat(ControlWord.isValid(0x1061)).isFalse();
    }
}
