// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import io.faultline.model.Reason;
import io.faultline.model.Token;

/**
 * The cell (reason, token) that host and guest share, one per vCPU: the host fills it, the guest clears it. It is free
 * while both words are 0. Owned by the vCPU's thread. Source: {@code struct kvm_vcpu_pv_apf_data}.
 */
final class SharedArea {
    private int reason;
    private int token;

    /** Writes the token, then the reason: the reason says whether the token is valid. */
    void write(Reason reason, int token) {
        this.token = token;
        this.reason = reason.code();
    }

    /** Writes zeros, as the guest does; a guest that clears one word only leaves the area occupied. */
    void clear(AreaWords words) {
        if (words.includesToken()) {
            token = Token.NONE;
        }
        if (words.includesReason()) {
            reason = Reason.NONE.code();
        }
    }

    boolean isFree() {
        return reason == Reason.NONE.code() && token == Token.NONE;
    }

    int reason() {
        return reason;
    }

    int token() {
        return token;
    }
}
