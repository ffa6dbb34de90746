// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Keeps the service's health at NOT_SERVING from its start until it has reached all that it needs. After that its peers may
 * come and go: what it then cannot do its answers say, and to take it out of service would help nobody. The health of the
 * service named {@value #LIVENESS} is SERVING all the while. Called on Spring's threads, looks on the loop.
 */
final class ServingOnceReached implements SmartLifecycle {
    /** The name by which a probe asks whether the process works, not whether calls should be sent to it. */
    static final String LIVENESS = "liveness";

    private static final Logger log = LoggerFactory.getLogger(ServingOnceReached.class);
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long SAY_AFTER_NS = TimeUnit.SECONDS.toNanos(5);

    private final ServiceLoop loop;
    private final @Nullable HealthStatusManager health;
    private final List<StartNeed> missing;
    private volatile boolean running;
    private long beganNs;
    private boolean isSaid;

    ServingOnceReached(ServiceLoop loop, @Nullable HealthStatusManager health, List<StartNeed> needs) {
        this.loop = loop;
        this.health = health;
        this.missing = new ArrayList<>(needs);
        if (health != null) {
            health.setStatus(LIVENESS, ServingStatus.SERVING);
            if (!needs.isEmpty()) {
                health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.NOT_SERVING);
            }
        }
    }

    @Override
    public void start() {
        running = true;
        if (health != null && !missing.isEmpty()) {
            loop.execute(() -> {
                beganNs = loop.nowNs();
                look(health);
            });
        }
    }

    private void look(HealthStatusManager status) {
        if (!running) {
            return;
        }
        missing.removeIf(need -> need.isReached().getAsBoolean());
        if (missing.isEmpty()) {
            status.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
            log.info("serving: all that is needed was reached");
            return;
        }
        if (!isSaid && loop.nowNs() - beganNs > SAY_AFTER_NS) {
            isSaid = true;
            log.warn(
                    "not serving yet, not reached: {}",
                    missing.stream().map(StartNeed::name).toList());
        }
        loop.executeAfter(() -> look(status), LOOK_NS);
    }

    @Override
    public void stop() {
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /* With what connects to the peers: before the server listens. */
    @Override
    public int getPhase() {
        return 0;
    }
}
