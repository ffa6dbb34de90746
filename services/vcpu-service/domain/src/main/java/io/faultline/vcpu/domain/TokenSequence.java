// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.model.Token;
import java.util.function.IntPredicate;

/**
 * Draws one vCPU's tokens: 20-bit numbers from 1 on that wrap around, past 0, the wake-all value and tokens still
 * outstanding. Owned by the VM's thread.
 */
final class TokenSequence {
    private final int vcpuId;
    private int last;
    private int lastBefore;

    TokenSequence(int vcpuId) {
        this(vcpuId, 0);
    }

    /** A sequence that goes on after the number {@code last}. */
    TokenSequence(int vcpuId, int last) {
        this.vcpuId = vcpuId;
        this.last = last;
        this.lastBefore = last;
    }

    /** The next token; {@code outstanding} holds for fewer tokens than there are numbers. */
    int next(IntPredicate outstanding) {
        int number = last;
        int token;
        do {
            number = (number + 1) & Token.SEQUENCE_MAX;
            token = Token.of(number, vcpuId);
        } while (!Token.isIssuable(token) || outstanding.test(token));
        lastBefore = last;
        last = number;
        return token;
    }

    /**
     * Undoes the last draw, because its publication was refused and left nothing behind.
     *
     * @throws IllegalStateException for any token but the last one drawn
     */
    void giveBack(int token) {
        if (token != Token.of(last, vcpuId) || last == lastBefore) {
            throw new IllegalStateException("token: " + Token.format(token) + " (expected: the last one drawn, "
                    + Token.format(Token.of(last, vcpuId)) + ", not yet given back)");
        }
        last = lastBefore;
    }
}
