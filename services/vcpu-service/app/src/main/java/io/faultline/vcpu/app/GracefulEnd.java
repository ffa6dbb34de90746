// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app;

import io.faultline.rpc.ServiceLoop;
import io.faultline.vcpu.app.config.VcpuProperties;
import io.faultline.vcpu.app.grpc.FaultEndpoint;
import io.faultline.vcpu.app.grpc.VmRegistrations;
import io.faultline.vcpu.app.host.Vms;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the service's work in good order: no new faults, a bounded time for those in flight, what is left fails as VM_GONE,
 * VMs end, streams complete. Asked for and waited for by one thread outside the loop, carried out on the loop.
 */
final class GracefulEnd {
    private static final Logger log = LoggerFactory.getLogger(GracefulEnd.class);
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(5);

    private final ServiceLoop loop;
    private final Vms vms;
    private final FaultEndpoint faults;
    private final VmRegistrations registrations;
    private final VcpuProperties properties;
    private final CountDownLatch ended = new CountDownLatch(1);

    GracefulEnd(
            ServiceLoop loop, Vms vms, FaultEndpoint faults, VmRegistrations registrations, VcpuProperties properties) {
        this.loop = loop;
        this.vms = vms;
        this.faults = faults;
        this.registrations = registrations;
        this.properties = properties;
    }

    /**
     * Ends the work; returns when that is done, or when the times allowed for its parts are over.
     *
     * @param sayNotServing called on the loop once new faults are refused, so that who hears it finds it true
     */
    void run(Runnable sayNotServing) {
        long drainNs = TimeUnit.MILLISECONDS.toNanos(properties.drainMs());
        loop.execute(() -> {
            faults.drain();
            sayNotServing.run();
            endOnceIdle(loop.nowNs() + drainNs);
        });
        try {
            if (!ended.await((long) properties.drainMs() + properties.peerWaitMs(), TimeUnit.MILLISECONDS)) {
                log.warn("stopping before pager-service confirmed that the VMs' pages are dropped");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void endOnceIdle(long deadlineNs) {
        int left = vms.faultsInFlight();
        if (left > 0 && loop.nowNs() < deadlineNs) {
            loop.executeAfter(() -> endOnceIdle(deadlineNs), LOOK_NS);
            return;
        }
        if (left > 0) {
            log.warn("{} faults in flight end as VM_GONE: the service is stopping", left);
        }
        registrations.unregisterAll(ended::countDown);
        faults.complete();
    }
}
