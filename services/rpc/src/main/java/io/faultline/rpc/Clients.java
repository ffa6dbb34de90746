// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import io.faultline.telemetry.Meters;
import io.grpc.Attributes;
import io.grpc.ServerTransportFilter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ServerChannel;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The clients of a service's gRPC server: each is known from its first connection on, until nothing is held for it and it has been
 * quiet for so long that its rates allow all again. At most so many are told apart, further ones share one name and so one set of limits. Loop thread only, but for the
 * meters.
 */
public final class Clients extends ServerTransportFilter implements MeterBinder {
    private static final int CLIENTS_MAX = 16_384;
    private static final String OTHERS = "others";
    private static final long FORGET_EVERY_NS = TimeUnit.SECONDS.toNanos(1);

    private final ClientProperties limits;
    private final ClientNames names;
    private final LongSupplier clockNs;
    private final int clientsMax;
    private final ClientRefusals refusals = new ClientRefusals();
    private final Map<String, Client> byName = new HashMap<>();
    private long forgotNs;

    Clients(ClientProperties limits, ClientNames names, LongSupplier clockNs) {
        this(limits, names, clockNs, CLIENTS_MAX);
    }

    Clients(ClientProperties limits, ClientNames names, LongSupplier clockNs, int clientsMax) {
        this.limits = limits;
        this.names = names;
        this.clockNs = clockNs;
        this.clientsMax = clientsMax;
        forgotNs = clockNs.getAsLong();
    }

    /** The client of a name. */
    Client named(String name) {
        Client known = byName.get(name);
        if (known != null) {
            return known;
        }
        long nowNs = clockNs.getAsLong();
        forgetIdle(nowNs);
        String kept = byName.size() < clientsMax ? name : OTHERS;
        return byName.computeIfAbsent(
                kept,
                _ -> new Client(
                        kept,
                        refusals,
                        new RateBudget(limits.callsPerS(), nowNs),
                        new RateBudget(limits.recordsPerS(), nowNs)));
    }

    private void forgetIdle(long nowNs) {
        if (nowNs - forgotNs >= FORGET_EVERY_NS) {
            byName.values().removeIf(client -> client.isForgettable(nowNs));
            forgotNs = nowNs;
        }
    }

    /** How many are known. */
    int size() {
        return byName.size();
    }

    /** A connection is there: from now on its calls are its client's. */
    @Override
    public Attributes transportReady(Attributes connection) {
        return connection.toBuilder()
                .set(Client.ATTRIBUTE, named(names.of(connection)))
                .build();
    }

    /** Has a listener accept no more connections of an address than a client may have. */
    ServerChannel bounding(ServerChannel listener) {
        listener.pipeline().addFirst(new Door());
        return listener;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Meters<ClientRefusals> meters = new Meters<>(registry, () -> refusals);
        for (ClientLimit limit : ClientLimit.values()) {
            meters.counter(
                    "faultline.rpc.client.refusals",
                    "what clients were refused or had to wait for at their limits",
                    Tags.of("limit", limit.word()),
                    now -> now.count(limit));
        }
    }

    /** Whether a client has room for one more; counts the refusal if not. */
    private boolean hasRoom(Client client) {
        if (client.held(ClientLimit.CONNECTIONS) < limits.connectionsMax()) {
            return true;
        }
        client.refused(ClientLimit.CONNECTIONS);
        return false;
    }

    /** Where accepted connections come by on their way to the server. */
    private final class Door extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, @Nullable Object accepted) {
            if (accepted instanceof Channel connection) {
                // Who it is shows later; until then an address is all there is.
                Client client = named(PeerAddresses.name(connection.remoteAddress()));
                if (!hasRoom(client)) {
                    connection.unsafe().closeForcibly();
                    return;
                }
                client.hold(ClientLimit.CONNECTIONS);
                connection.closeFuture().addListener(_ -> client.release(ClientLimit.CONNECTIONS));
            }
            context.fireChannelRead(accepted);
        }
    }
}
