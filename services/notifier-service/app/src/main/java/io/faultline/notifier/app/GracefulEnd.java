// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app;

import io.faultline.notifier.app.grpc.GuestEndpoint;
import io.faultline.notifier.app.grpc.NotificationEndpoint;
import io.faultline.rpc.ServiceLoop;
import io.grpc.protobuf.services.HealthStatusManager;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextClosedEvent;

/**
 * What the service still does when it is told to stop, while its server stands: it says NOT_SERVING, detaches every guest
 * with a reason, tells the owners of their vCPUs, and ends all streams in good order. Called on Spring's threads.
 */
final class GracefulEnd implements ApplicationListener<ContextClosedEvent> {
    private final ServiceLoop loop;
    private final GuestEndpoint guests;
    private final NotificationEndpoint owners;
    private final ObjectProvider<HealthStatusManager> health;
    private final long drainMs;

    GracefulEnd(
            ServiceLoop loop,
            GuestEndpoint guests,
            NotificationEndpoint owners,
            ObjectProvider<HealthStatusManager> health,
            long drainMs) {
        this.loop = loop;
        this.guests = guests;
        this.owners = owners;
        this.health = health;
        this.drainMs = drainMs;
    }

    @Override
    public void onApplicationEvent(ContextClosedEvent event) {
        health.ifAvailable(HealthStatusManager::enterTerminalState);
        CountDownLatch told = new CountDownLatch(1);
        loop.execute(() -> {
            guests.drain("the service is shutting down");
            owners.drain();
            told.countDown();
        });
        try {
            told.await(drainMs, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
