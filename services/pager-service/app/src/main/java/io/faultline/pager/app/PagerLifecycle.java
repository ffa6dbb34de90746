// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app;

import io.faultline.pager.app.grpc.PageEndpoint;
import io.faultline.pager.app.metrics.PagerMetrics;
import io.faultline.rpc.ServiceLoop;
import io.grpc.protobuf.services.HealthStatusManager;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;

/**
 * When the context closes, says NOT_SERVING and lets stores in flight end while the server still stands, then ends the
 * streams, so that the server has nothing to wait for. Called on Spring's threads.
 */
final class PagerLifecycle implements SmartLifecycle, ApplicationListener<ContextClosedEvent> {
    private static final long END_MS = 1_000;

    private final ServiceLoop loop;
    private final PageEndpoint endpoint;
    private final PagerMetrics metrics;
    private final int drainMs;
    private final ObjectProvider<HealthStatusManager> health;
    private volatile boolean running;

    PagerLifecycle(
            ServiceLoop loop,
            PageEndpoint endpoint,
            PagerMetrics metrics,
            int drainMs,
            ObjectProvider<HealthStatusManager> health) {
        this.loop = loop;
        this.endpoint = endpoint;
        this.metrics = metrics;
        this.drainMs = drainMs;
        this.health = health;
    }

    @Override
    public void start() {
        running = true;
        loop.execute(metrics::start);
    }

    @Override
    public void onApplicationEvent(ContextClosedEvent event) {
        if (!running) {
            return;
        }
        health.ifAvailable(HealthStatusManager::enterTerminalState);
        CountDownLatch drained = new CountDownLatch(1);
        loop.execute(() -> endpoint.drain(drained::countDown));
        if (!await(drained, drainMs)) {
            CountDownLatch ended = new CountDownLatch(1);
            loop.execute(() -> {
                endpoint.end();
                ended.countDown();
            });
            await(ended, END_MS);
        }
    }

    @Override
    public void stop() {
        running = false;
        loop.execute(metrics::stop);
    }

    private static boolean await(CountDownLatch latch, long timeoutMs) {
        try {
            return latch.await(timeoutMs, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /* Below the server's: begun before it, ended after it. */
    @Override
    public int getPhase() {
        return 0;
    }
}
