// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TokenTest {
    @Test
    void aTokenHoldsItsSequenceAboveItsVcpu() {
        assertThat(Token.of(1, 0)).isEqualTo(0x1000);
        assertThat(Token.of(3, 5)).isEqualTo(0x3005);
        assertThat(Token.of(0xF_FFFF, 0)).isEqualTo(0xFFFF_F000);
        assertThat(Token.vcpuId(0x3005)).isEqualTo(5);
        assertThat(Token.sequence(0xFFFF_F000)).isEqualTo(0xF_FFFF);
    }

    @Test
    void zeroAndTheWakeAllValueNameNoWork() {
        assertThat(Token.isIssuable(0)).isFalse();
        assertThat(Token.isIssuable(5)).isFalse();
        assertThat(Token.isIssuable(Token.of(Token.SEQUENCE_MAX, Token.VCPU_ID_MAX)))
                .isFalse();
        assertThat(Token.isIssuable(Token.of(Token.SEQUENCE_MAX, 0))).isTrue();
    }
}
