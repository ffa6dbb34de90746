// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.tls;

import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Has a service look at its certificate's files again and again, on a thread of its own. By what the files hold, not by their
 * times: that also sees a Kubernetes Secret change, whose files are links, and never takes half of a pair.
 */
final class TlsReload implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(TlsReload.class);

    private final @Nullable TlsCredentials credentials;
    private final int reloadMs;
    private @Nullable ScheduledExecutorService thread;
    /** What went wrong at the last look; of the same trouble in a row only the first is worth a line. */
    private String lastProblem = "";

    TlsReload(@Nullable TlsCredentials credentials, int reloadMs) {
        this.credentials = credentials;
        this.reloadMs = reloadMs;
    }

    @Override
    public synchronized void start() {
        TlsCredentials tls = credentials;
        if (thread == null && tls != null) {
            log.info("TLS as {}, whose certificate expires {}", tls.identity(), tls.expiry());
            thread = Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("tls-reload").daemon().factory());
            Future<?> _ = thread.scheduleWithFixedDelay(() -> look(tls), reloadMs, reloadMs, TimeUnit.MILLISECONDS);
        }
    }

    private void look(TlsCredentials tls) {
        try {
            if (tls.reload()) {
                log.info("TLS: new credentials as {}, whose certificate expires {}", tls.identity(), tls.expiry());
            }
            lastProblem = "";
        } catch (RuntimeException e) {
            // Also what nobody foresaw: it would end the looking, and with it some day the service's certificate.
            String problem = String.valueOf(e.getMessage());
            if (!problem.equals(lastProblem)) {
                log.warn("TLS: staying with the credentials that expire {}: {}", tls.expiry(), problem);
            }
            lastProblem = problem;
        }
    }

    @Override
    public synchronized void stop() {
        if (thread != null) {
            thread.shutdownNow();
            thread = null;
        }
    }

    @Override
    public synchronized boolean isRunning() {
        return thread != null;
    }
}
