// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.metrics;

import io.faultline.telemetry.Meters;
import io.faultline.vcpu.app.grpc.GrpcNotifier;
import io.faultline.vcpu.app.grpc.Pagers;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;

/** The meters {@code faultline.vcpu.peer.*}: whether the other planes are there, and what they say that nobody awaits. */
public final class PeerMetrics implements MeterBinder {
    private static final String PEER = "peer";
    private static final String CONNECTED = "faultline.vcpu.peer.connected";
    private static final String CONNECTED_DESCRIPTION = "peers of this kind that are connected";
    private static final String STRAYS = "faultline.vcpu.peer.strays";
    private static final String STRAYS_DESCRIPTION = "answers that nobody awaits (any more)";

    private static final String TIMEOUTS = "faultline.vcpu.peer.timeouts";
    private static final String TIMEOUTS_DESCRIPTION = "requests given up without an answer";

    private final Pagers pagers;
    private final GrpcNotifier notifier;

    /** Meters of these two. */
    public PeerMetrics(Pagers pagers, GrpcNotifier notifier) {
        this.pagers = pagers;
        this.notifier = notifier;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Tags pager = Tags.of(PEER, "pager");
        Meters<Pagers> ofPagers = new Meters<>(registry, () -> pagers);
        ofPagers.gauge(CONNECTED, CONNECTED_DESCRIPTION, pager, Pagers::connectedCount);
        ofPagers.gauge("faultline.vcpu.pagers", "pagers that the target stands for", Pagers::count);
        ofPagers.gauge(
                "faultline.vcpu.pager.requests", "requests to the pager without an answer", Pagers::requestsOpen);
        ofPagers.bytes(
                "faultline.vcpu.stores.in.flight", "page bytes sent and not acknowledged", Pagers::storesInFlightBytes);
        ofPagers.gauge(
                "faultline.vcpu.drops.waiting", "ended VMs whose pages are not dropped yet", Pagers::dropsWaiting);
        ofPagers.counter(STRAYS, STRAYS_DESCRIPTION, pager, Pagers::repliesToNothing);
        ofPagers.counter(TIMEOUTS, TIMEOUTS_DESCRIPTION, pager, Pagers::requestsTimedOut);

        Tags notifiers = Tags.of(PEER, "notifier");
        Meters<GrpcNotifier> ofNotifier = new Meters<>(registry, () -> notifier);
        ofNotifier.gauge(CONNECTED, CONNECTED_DESCRIPTION, notifiers, peer -> peer.isConnected() ? 1 : 0);
        ofNotifier.counter(TIMEOUTS, TIMEOUTS_DESCRIPTION, notifiers, GrpcNotifier::timeouts);
        ofNotifier.counter(STRAYS, STRAYS_DESCRIPTION, notifiers, GrpcNotifier::verdictsOfNobody);
    }
}
