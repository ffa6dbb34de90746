// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SdeiPeTest {
    private static final long ENTRY = 0x1000;

    private final SdeiEvent critical = new SdeiEvent(0x4040_0001, true);
    private final SdeiEvent normal = new SdeiEvent(0x4040_0002, false);
    private final SdeiPe pe = new SdeiPe(normal, critical);

    @Test
    @Tag("H5")
    void h5ACriticalEventPreemptsANormalOneAndNothingElseDoes() {
        ready(normal);
        ready(critical);
        normal.trigger();
        dispatchAll();

        critical.trigger();
        dispatchAll();
        assertThat(pe.depth()).isEqualTo(2);

        normal.trigger();
        critical.trigger();
        assertThat(pe.dispatchable()).isNull();
        assertThat(normal.isPending()).isTrue();
        assertThat(critical.isPending()).isTrue();
    }

    @Test
    void aNormalEventDoesNotPreemptACriticalOne() {
        ready(normal);
        ready(critical);
        critical.trigger();
        dispatchAll();

        normal.trigger();

        assertThat(pe.dispatchable()).isNull();
    }

    @Test
    void criticalEventsGoFirst() {
        ready(normal);
        ready(critical);
        normal.trigger();
        critical.trigger();

        assertThat(pe.dispatchable()).isSameAs(critical);
    }

    @Test
    @Tag("H6")
    void h6CompletionIsLastInFirstOut() {
        ready(normal);
        ready(critical);
        interruptedAt(0x10);
        normal.trigger();
        dispatchAll();
        interruptedAt(0x20);
        critical.trigger();
        dispatchAll();

        assertThat(pe.complete(HandlerAction.COMPLETE)).isNotNull();
        assertThat(critical.state()).isEqualTo(HandlerState.ENABLED);
        assertThat(normal.state()).isEqualTo(HandlerState.RUNNING_ENABLED);
        assertThat(pc()).isEqualTo(0x20);

        assertThat(pe.complete(HandlerAction.COMPLETE)).isNotNull();
        assertThat(normal.state()).isEqualTo(HandlerState.ENABLED);
        assertThat(pc()).isEqualTo(0x10);
    }

    @Test
    @Tag("H7")
    void h7ATriggerStaysPendingWhileMaskedAndDisabled() {
        ready(critical);
        pe.mask();
        critical.trigger();
        assertThat(pe.dispatchable()).isNull();

        critical.apply(HandlerAction.DISABLE);
        pe.unmask();
        assertThat(pe.dispatchable()).isNull();

        critical.apply(HandlerAction.ENABLE);
        assertThat(pe.dispatchable()).isSameAs(critical);
    }

    @Test
    @Tag("H10")
    void h10NothingCompletesOutsideAHandler() {
        ready(critical);

        assertThat(pe.complete(HandlerAction.COMPLETE)).isNull();
        assertThat(pe.complete(HandlerAction.COMPLETE_AND_RESUME)).isNull();
    }

    @Test
    @Tag("H19")
    void h19AnEventIsNeverReenteredAndPendsOnce() {
        ready(critical);
        critical.trigger();
        dispatchAll();

        for (int i = 0; i < 3; i++) {
            critical.trigger();
            assertThat(pe.dispatchable()).isNull();
        }
        pe.complete(HandlerAction.COMPLETE);

        assertThat(dispatchAll()).isEqualTo(1);
        pe.complete(HandlerAction.COMPLETE);
        assertThat(dispatchAll()).isZero();
    }

    @Test
    @Tag("H19")
    void h19UnregisteringDropsWhatIsPending() {
        ready(critical);
        pe.mask();
        critical.trigger();

        critical.unregister();

        assertThat(critical.isPending()).isFalse();
        ready(critical);
        assertThat(pe.dispatchable()).isNull();
    }

    @Test
    void anUnregisteredEventCannotBeTriggered() {
        critical.trigger();

        assertThat(critical.isPending()).isFalse();
    }

    private void ready(SdeiEvent event) {
        assertThat(event.register(ENTRY, 0)).isTrue();
        assertThat(event.apply(HandlerAction.ENABLE)).isTrue();
        pe.unmask();
    }

    private int dispatchAll() {
        int count = 0;
        SdeiEvent event;
        while ((event = pe.dispatchable()) != null) {
            pe.dispatch(event);
            count++;
        }
        return count;
    }

    private void interruptedAt(long pc) {
        CpuContext context = new CpuContext();
        context.at(pc, 0);
        pe.keepRegisters(context);
    }

    private long pc() {
        CpuContext registers = pe.registers();
        return registers == null ? -1 : registers.pc();
    }
}
