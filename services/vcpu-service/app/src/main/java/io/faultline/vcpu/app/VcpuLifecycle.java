// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app;

import io.faultline.rpc.ServiceLoop;
import io.faultline.vcpu.app.grpc.GrpcNotifier;
import io.faultline.vcpu.app.grpc.Pagers;
import io.faultline.vcpu.app.host.Ticker;
import io.faultline.vcpu.app.metrics.VcpuMetrics;
import io.faultline.vcpu.app.workingset.WorkingSets;
import io.grpc.protobuf.services.HealthStatusManager;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;

/**
 * Connects the service to its peers before its server listens; when the context closes, says NOT_SERVING and ends the work
 * while the server still stands, and disconnects after it has stopped. Called on Spring's threads.
 */
final class VcpuLifecycle implements SmartLifecycle, ApplicationListener<ContextClosedEvent> {
    private static final long DISCONNECT_MS = 1_000;

    private final ServiceLoop loop;
    private final Pagers pagers;
    private final GrpcNotifier notifier;
    private final Background background;
    private final GracefulEnd end;
    private final ObjectProvider<HealthStatusManager> health;
    private volatile boolean running;

    VcpuLifecycle(
            ServiceLoop loop,
            Pagers pagers,
            GrpcNotifier notifier,
            Background background,
            GracefulEnd end,
            ObjectProvider<HealthStatusManager> health) {
        this.loop = loop;
        this.pagers = pagers;
        this.notifier = notifier;
        this.background = background;
        this.end = end;
        this.health = health;
    }

    @Override
    public void start() {
        running = true;
        loop.execute(() -> {
            pagers.start();
            notifier.start();
            background.ticker.start();
            background.metrics.start();
            background.workingSets.start();
        });
    }

    @Override
    public void onApplicationEvent(ContextClosedEvent event) {
        if (running) {
            end.run(() -> health.ifAvailable(HealthStatusManager::enterTerminalState));
        }
    }

    @Override
    public void stop() {
        running = false;
        CountDownLatch disconnected = new CountDownLatch(1);
        loop.execute(() -> {
            background.ticker.stop();
            background.metrics.stop();
            background.workingSets.stop();
            notifier.close();
            pagers.close();
            disconnected.countDown();
        });
        try {
            disconnected.await(DISCONNECT_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
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

    /** What the loop does by the clock. */
    record Background(Ticker ticker, VcpuMetrics metrics, WorkingSets workingSets) {}
}
