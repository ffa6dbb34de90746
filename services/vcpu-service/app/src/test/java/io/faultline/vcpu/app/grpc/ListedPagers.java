// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.StatusOr;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A name, {@link #TARGET}, that stands for the pagers a test lists: as DNS would, but at once. Any thread. */
final class ListedPagers extends NameResolverProvider implements AutoCloseable {
    static final String TARGET = "listed:///pagers:7002";

    private NameResolver.@Nullable Listener2 listener;
    private List<EquivalentAddressGroup> listed = List.of();

    /** The name stands for these. */
    ListedPagers(FakePeer... peers) {
        NameResolverRegistry.getDefaultRegistry().register(this);
        list(peers);
    }

    /** From now on the name stands for these. */
    synchronized void list(FakePeer... peers) {
        listed = List.of(peers).stream()
                .map(peer -> new EquivalentAddressGroup(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), peer.port())))
                .toList();
        tell();
    }

    @Override
    public void close() {
        NameResolverRegistry.getDefaultRegistry().deregister(this);
    }

    private synchronized void tell() {
        if (listener != null) {
            listener.onResult(NameResolver.ResolutionResult.newBuilder()
                    .setAddressesOrError(StatusOr.fromValue(listed))
                    .build());
        }
    }

    private synchronized void listen(NameResolver.Listener2 heard) {
        listener = heard;
        tell();
    }

    @Override
    public NameResolver newNameResolver(URI target, NameResolver.Args arguments) {
        return new NameResolver() {
            @Override
            public String getServiceAuthority() {
                return target.getAuthority();
            }

            @Override
            public void start(Listener2 heard) {
                listen(heard);
            }

            @Override
            public void shutdown() {}
        };
    }

    @Override
    public String getDefaultScheme() {
        return "listed";
    }

    @Override
    protected boolean isAvailable() {
        return true;
    }

    @Override
    protected int priority() {
        return 5;
    }

    @Override
    public Collection<Class<? extends SocketAddress>> getProducedSocketAddressTypes() {
        return Set.of(InetSocketAddress.class);
    }
}
