// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import io.faultline.model.Refusal;
import io.faultline.model.Token;
import java.util.ArrayList;
import java.util.List;

/** A vcpu-service that writes down the verdicts it gets. */
final class FakeOwner implements OwnerPort {
    private final List<String> verdicts = new ArrayList<>();
    private long lastEpoch;

    final OwnerSession session;

    FakeOwner(NotificationMachine machine) {
        session = machine.connect(this);
    }

    @Override
    public void verdict(Verdict verdict) {
        String token = verdict.token() == Token.NONE ? "" : " " + Token.format(verdict.token());
        String refusal = verdict.refusal() == Refusal.NONE ? "" : " " + verdict.refusal();
        verdicts.add(verdict.kind() + token + refusal);
        lastEpoch = verdict.epoch();
    }

    /** The verdicts since the last look. */
    List<String> verdicts() {
        List<String> seen = List.copyOf(verdicts);
        verdicts.clear();
        return seen;
    }

    long lastEpoch() {
        return lastEpoch;
    }
}
