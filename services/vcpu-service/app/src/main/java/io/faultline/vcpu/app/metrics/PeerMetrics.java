// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.metrics;

import io.faultline.telemetry.Meters;
import io.faultline.vcpu.app.grpc.GrpcNotifier;
import io.faultline.vcpu.app.grpc.GrpcPager;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

/** The meters {@code faultline.vcpu.peer.*}: whether the other planes are there, and what they say that nobody awaits. */
public final class PeerMetrics implements MeterBinder {
    private static final String PEER = "peer";

    private final GrpcPager pager;
    private final GrpcNotifier notifier;

    /** Meters of these two. */
    public PeerMetrics(GrpcPager pager, GrpcNotifier notifier) {
        this.pager = pager;
        this.notifier = notifier;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("faultline.vcpu.peer.connected", pager, peer -> peer.isConnected() ? 1 : 0)
                .description("1 while the peer is connected")
                .tag(PEER, "pager")
                .register(registry);
        Gauge.builder("faultline.vcpu.peer.connected", notifier, peer -> peer.isConnected() ? 1 : 0)
                .description("1 while the peer is connected")
                .tag(PEER, "notifier")
                .register(registry);
        Meters<GrpcPager> ofPager = new Meters<>(registry, () -> pager);
        ofPager.gauge(
                "faultline.vcpu.pager.requests", "requests to the pager without an answer", GrpcPager::requestsOpen);
        ofPager.bytes(
                "faultline.vcpu.stores.in.flight",
                "page bytes sent and not acknowledged",
                GrpcPager::storesInFlightBytes);
        FunctionCounter.builder("faultline.vcpu.peer.strays", pager, GrpcPager::repliesToNothing)
                .description("answers that nobody awaits (any more)")
                .tag(PEER, "pager")
                .register(registry);
        FunctionCounter.builder("faultline.vcpu.peer.strays", notifier, GrpcNotifier::verdictsOfNobody)
                .description("answers that nobody awaits (any more)")
                .tag(PEER, "notifier")
                .register(registry);
        FunctionCounter.builder("faultline.vcpu.peer.timeouts", pager, GrpcPager::requestsTimedOut)
                .description("requests given up without an answer")
                .tag(PEER, "pager")
                .register(registry);
    }
}
