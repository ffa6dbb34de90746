// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.metrics;

import io.faultline.telemetry.Meters;
import io.faultline.vcpu.app.grpc.GrpcNotifier;
import io.faultline.vcpu.app.grpc.GrpcPager;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;

/** The meters {@code faultline.vcpu.peer.*}: whether the other planes are there, and what they say that nobody awaits. */
public final class PeerMetrics implements MeterBinder {
    private static final String PEER = "peer";
    private static final String CONNECTED = "faultline.vcpu.peer.connected";
    private static final String CONNECTED_DESCRIPTION = "1 while the peer is connected";
    private static final String STRAYS = "faultline.vcpu.peer.strays";
    private static final String STRAYS_DESCRIPTION = "answers that nobody awaits (any more)";

    private final GrpcPager pager;
    private final GrpcNotifier notifier;

    /** Meters of these two. */
    public PeerMetrics(GrpcPager pager, GrpcNotifier notifier) {
        this.pager = pager;
        this.notifier = notifier;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Tags pagers = Tags.of(PEER, "pager");
        Meters<GrpcPager> ofPager = new Meters<>(registry, () -> pager);
        ofPager.gauge(CONNECTED, CONNECTED_DESCRIPTION, pagers, peer -> peer.isConnected() ? 1 : 0);
        ofPager.gauge(
                "faultline.vcpu.pager.requests", "requests to the pager without an answer", GrpcPager::requestsOpen);
        ofPager.bytes(
                "faultline.vcpu.stores.in.flight",
                "page bytes sent and not acknowledged",
                GrpcPager::storesInFlightBytes);
        ofPager.counter(STRAYS, STRAYS_DESCRIPTION, pagers, GrpcPager::repliesToNothing);
        ofPager.counter(
                "faultline.vcpu.peer.timeouts",
                "requests given up without an answer",
                pagers,
                GrpcPager::requestsTimedOut);

        Tags notifiers = Tags.of(PEER, "notifier");
        Meters<GrpcNotifier> ofNotifier = new Meters<>(registry, () -> notifier);
        ofNotifier.gauge(CONNECTED, CONNECTED_DESCRIPTION, notifiers, peer -> peer.isConnected() ? 1 : 0);
        ofNotifier.counter(STRAYS, STRAYS_DESCRIPTION, notifiers, GrpcNotifier::verdictsOfNobody);
    }
}
