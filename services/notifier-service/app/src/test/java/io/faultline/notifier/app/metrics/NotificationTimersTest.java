// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.AuditChain;
import io.faultline.model.AuditStep;
import io.faultline.model.StepKind;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NotificationTimersTest {
    private static final long VM = 1;
    private static final int TOKEN = 0x1000;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final NotificationTimers timers = new NotificationTimers(this::nowNs);
    private final AuditChain chain = new AuditChain(VM, 0, new AuditStep());
    private long nowNs = 1;

    @BeforeEach
    void open() {
        timers.bindTo(registry);
        step(StepKind.OPENED, 0);
    }

    @Test
    void aCompletionIsTimedUntilItIsReadyAndThatUntilItIsAcknowledged() {
        timers.completing(VM, 0, TOKEN);
        nowNs += TimeUnit.SECONDS.toNanos(30);
        step(StepKind.READY, TOKEN);
        nowNs += TimeUnit.SECONDS.toNanos(500);
        step(StepKind.ACKNOWLEDGED, TOKEN);

        assertThat(totalS("faultline.notifier.ready")).isEqualTo(30);
        assertThat(totalS("faultline.notifier.acknowledgement")).isEqualTo(500);
    }

    @Test
    void whatADisarmingDroppedIsNotTimed() {
        timers.completing(VM, 0, TOKEN);
        step(StepKind.DISABLED, 0);
        nowNs += TimeUnit.SECONDS.toNanos(30);
        step(StepKind.READY, TOKEN);

        assertThat(registry.get("faultline.notifier.ready").functionTimer().count())
                .isZero();
    }

    @Test
    void aVcpuThatIsGoneIsNotTimed() {
        step(StepKind.CLOSED, 0);
        step(StepKind.ACKNOWLEDGED, TOKEN);

        assertThat(registry.get("faultline.notifier.acknowledgement")
                        .functionTimer()
                        .count())
                .isZero();
    }

    private long nowNs() {
        return nowNs;
    }

    private void step(StepKind kind, int token) {
        timers.step(chain.next(kind, 1).token(token));
    }

    private double totalS(String name) {
        return registry.get(name).functionTimer().totalTime(TimeUnit.SECONDS);
    }
}
