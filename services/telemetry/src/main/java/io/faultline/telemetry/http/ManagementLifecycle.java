// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.telemetry.http;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Opens the management port before anything else of the service starts, and closes it last, so that probes are answered
 * while it starts and while it drains. Called on Spring's threads.
 */
public final class ManagementLifecycle implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(ManagementLifecycle.class);
    /** Below the services' own, which are 0. */
    private static final int PHASE = -1;

    private final String name;
    private final ManagementProperties properties;
    private final ManagementPages pages;
    private volatile @Nullable ManagementServer server;

    ManagementLifecycle(String name, ManagementProperties properties, ManagementPages pages) {
        this.name = name;
        this.properties = properties;
        this.pages = pages;
    }

    /** The port listened on; -1 if there is none. */
    public int port() {
        ManagementServer running = server;
        return running == null ? -1 : running.port();
    }

    @Override
    public void start() {
        if (properties.isEnabled() && server == null) {
            ManagementServer started = new ManagementServer(name, properties, pages);
            server = started;
            log.info("management port {}:{}", properties.address(), started.port());
        }
    }

    @Override
    public void stop() {
        ManagementServer running = server;
        if (running != null) {
            server = null;
            running.close();
        }
    }

    @Override
    public boolean isRunning() {
        return server != null;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }
}
