// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance.driver;

import io.faultline.rpc.Channels;
import io.faultline.rpc.Reachability;
import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.Statuses;
import io.faultline.rpc.tls.PeerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/** Connections to a deployment's three services. Closed by whoever opened them. */
public final class Endpoints implements AutoCloseable {
    private final ServiceLoop loop = ServiceLoop.start("conformance");
    private final String vcpuAddress;
    private final String notifierAddress;
    private final String pagerAddress;
    private final ManagedChannel vcpu;
    private final ManagedChannel notifier;
    private final ManagedChannel pager;

    /**
     * Connections that are made when first used.
     *
     * @throws IllegalArgumentException for an address that is not {@code HOST:PORT}
     */
    public Endpoints(String vcpuAddress, String notifierAddress, String pagerAddress) {
        this(vcpuAddress, notifierAddress, pagerAddress, PeerCredentials.PLAIN_TEXT);
    }

    /**
     * As {@link #Endpoints(String, String, String)}, with what is shown to the services.
     *
     * @throws IllegalArgumentException for an address that is not {@code HOST:PORT}
     */
    public Endpoints(String vcpuAddress, String notifierAddress, String pagerAddress, PeerCredentials credentials) {
        Channels.requireHostAndPort(vcpuAddress);
        Channels.requireHostAndPort(notifierAddress);
        Channels.requireHostAndPort(pagerAddress);
        this.vcpuAddress = vcpuAddress;
        this.notifierAddress = notifierAddress;
        this.pagerAddress = pagerAddress;
        vcpu = Channels.connect(loop, vcpuAddress, credentials.toward("vcpu-service"));
        notifier = Channels.connect(loop, notifierAddress, credentials.toward("notifier-service"));
        pager = Channels.connect(loop, pagerAddress, credentials.toward("pager-service"));
    }

    /** Which service cannot be reached, and why, as a sentence; null if all can. */
    public @Nullable String outage() {
        String outage = outage("--vcpu", "vcpu-service", vcpuAddress, vcpu);
        outage = outage != null ? outage : outage("--notifier", "notifier-service", notifierAddress, notifier);
        return outage != null ? outage : outage("--pager", "pager-service", pagerAddress, pager);
    }

    private static @Nullable String outage(String option, String service, String address, ManagedChannel channel) {
        Status status = Reachability.of(channel);
        if (status.isOk()) {
            return null;
        }
        return service + " at " + address + " cannot be reached: " + Statuses.describe(status)
                + " (expected: a running " + service + " at " + option + " HOST:PORT; ./faultline up starts all three)";
    }

    ManagedChannel vcpu() {
        return vcpu;
    }

    ManagedChannel notifier() {
        return notifier;
    }

    ManagedChannel pager() {
        return pager;
    }

    @Override
    public String toString() {
        return "vcpu-service " + vcpuAddress + ", notifier-service " + notifierAddress + ", pager-service "
                + pagerAddress;
    }

    @Override
    public void close() {
        vcpu.shutdownNow();
        notifier.shutdownNow();
        pager.shutdownNow();
        loop.close();
    }
}
