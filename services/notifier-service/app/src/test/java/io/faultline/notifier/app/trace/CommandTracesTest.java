// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.AuditChain;
import io.faultline.model.AuditStep;
import io.faultline.model.StepKind;
import io.faultline.telemetry.TraceParent;
import io.faultline.telemetry.trace.TraceQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CommandTracesTest {
    private static final TraceParent PARENT = new TraceParent(1, 2, 3);
    private static final long VM = 1;
    private static final int TOKEN = 0x1000;
    private static final int OTHER_TOKEN = 0x2000;

    private final TraceQueue queue = TraceQueue.on();
    private final CommandTraces traces = new CommandTraces(queue, () -> 1);
    private final AuditChain chain = new AuditChain(VM, 0, new AuditStep());

    @Test
    void aPublicationEndsWhenItsOwnTokenIsDelivered() {
        traces.publishing(PARENT, VM, 0, TOKEN);
        step(StepKind.DELIVERED, OTHER_TOKEN);
        assertThat(queue.recorded()).isZero();

        step(StepKind.DELIVERED, TOKEN);
        assertThat(queue.recorded()).isEqualTo(1);
    }

    @Test
    void aCompletionEndsWhenItIsAcknowledgedAndNotBefore() {
        traces.completing(PARENT, VM, 0, TOKEN);
        step(StepKind.READY, TOKEN);
        assertThat(queue.recorded()).isZero();

        step(StepKind.ACKNOWLEDGED, TOKEN);
        assertThat(queue.recorded()).isEqualTo(1);
    }

    @Test
    void aCancellationEndsThePublicationAndTheCompletion() {
        traces.publishing(PARENT, VM, 0, TOKEN);
        traces.completing(PARENT, VM, 0, TOKEN);

        step(StepKind.CANCELLED, TOKEN);

        assertThat(queue.recorded()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(names = {"DISABLED", "GUEST_DETACHED", "CLOSED"})
    void whatIsDroppedWithItsEpochEndsAndOthersGoOn(StepKind over) {
        traces.publishing(PARENT, VM, 0, TOKEN);
        traces.completing(PARENT, VM, 0, OTHER_TOKEN);
        traces.completing(PARENT, VM, 1, OTHER_TOKEN);
        traces.completing(PARENT, VM + 1, 0, OTHER_TOKEN);

        step(over, 0);

        assertThat(queue.recorded()).isEqualTo(2);
    }

    private void step(StepKind kind, int token) {
        traces.step(chain.next(kind, 1).token(token));
    }
}
