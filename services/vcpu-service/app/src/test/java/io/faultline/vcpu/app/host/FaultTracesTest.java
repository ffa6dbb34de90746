// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.faultline.telemetry.trace.TraceQueue;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class FaultTracesTest {
    private static final int ROUNDS = 1_000_000;
    /** What the measuring itself may cost, far below a byte a round. */
    private static final long SLACK_BYTES = 4_096;

    @Test
    void oneFaultInSoManyIsPicked() {
        FaultTraces traces = new FaultTraces(3, TraceQueue.on());
        List<Boolean> picked = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            picked.add(traces.begin(1, 0, i, i) != null);
        }

        assertThat(picked).containsExactly(false, false, true, false, false, true, false);
    }

    @Test
    void eachTraceIsAnother() {
        FaultTraces traces = new FaultTraces(1, TraceQueue.on());
        FaultTrace first = Objects.requireNonNull(traces.begin(1, 0, 1, 1));
        FaultTrace second = Objects.requireNonNull(traces.begin(1, 0, 1, 1));

        assertThat(first.whole().traceIdText()).isNotEqualTo(second.whole().traceIdText());
        assertThat(first.publishing(0x1000).traceIdText())
                .isEqualTo(first.whole().traceIdText());
        assertThat(List.of(first.whole(), first.publishing(0x1000), first.fetching(1), first.completing(1)))
                .doesNotHaveDuplicates();
    }

    @Test
    void toPickWithoutACollectorIsRefused() {
        assertThatThrownBy(() -> new FaultTraces(1_000, TraceQueue.off()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("faultline.vcpu.trace-one-in: 1000"
                        + " (expected: 0, or a collector in faultline.telemetry.otlp-endpoint)");
    }

    @Test
    void notToPickAFaultAllocatesNothing() {
        FaultTraces off = new FaultTraces(0, TraceQueue.off());
        FaultTraces rare = new FaultTraces(Integer.MAX_VALUE, TraceQueue.on());
        begin(off);
        begin(rare);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        threads.getCurrentThreadAllocatedBytes();

        long before = threads.getCurrentThreadAllocatedBytes();
        begin(off);
        begin(rare);

        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(SLACK_BYTES);
    }

    private static void begin(FaultTraces traces) {
        for (int i = 0; i < ROUNDS; i++) {
            if (traces.begin(1, 0, i, i) != null) {
                throw new AssertionError("fault " + i + " was picked");
            }
        }
    }
}
