// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import io.faultline.telemetry.HistogramFamily;
import io.faultline.telemetry.LoopHistogram;
import io.faultline.telemetry.Meters;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.concurrent.TimeUnit;
import org.springframework.context.SmartLifecycle;

/**
 * Looks at a loop ten times a second: a task that is due and does not run says that something holds the loop up. Begun and
 * ended by Spring, asked by any thread.
 */
public final class LoopWatch implements SmartLifecycle, MeterBinder {
    /** How long the loop may stand still before its service counts as dead. */
    static final long STANDSTILL_MAX_NS = TimeUnit.SECONDS.toNanos(30);

    private static final long PERIOD_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private final ServiceLoop loop;
    private final HistogramFamily delays =
            HistogramFamily.ofDurations("faultline.loop.delay", "how late a task ran that was due on the event loop");
    private final LoopHistogram delay = delays.with();
    private volatile boolean running;
    private volatile long lastNs;

    LoopWatch(ServiceLoop loop) {
        this.loop = loop;
        lastNs = loop.nowNs();
    }

    @Override
    public void start() {
        if (!running) {
            running = true;
            lastNs = loop.nowNs();
            loop.executeAfter(this::look, PERIOD_NS);
        }
    }

    private void look() {
        long nowNs = loop.nowNs();
        delay.record(Math.max(0, nowNs - lastNs - PERIOD_NS));
        lastNs = nowNs;
        if (running) {
            loop.executeAfter(this::look, PERIOD_NS);
        }
    }

    /** Whether the loop has run a task lately; true before it is watched and afterwards. */
    public boolean isTurning() {
        return !running || loop.nowNs() - lastNs < STANDSTILL_MAX_NS;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        delays.bindTo(registry);
        new Meters<>(registry, () -> loop)
                .gauge(
                        "faultline.loop.pending.tasks",
                        "tasks handed to the loop and not begun",
                        ServiceLoop::pendingTasks);
    }

    @Override
    public void stop() {
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /* Before the services themselves and after them. */
    @Override
    public int getPhase() {
        return -1;
    }
}
