// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.Status;
import io.grpc.StatusOr;
import io.grpc.SynchronizationContext;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Which addresses a list of targets stands for, now and after each change. {@code HOST:PORT} stands for itself, whatever it
 * resolves to; a URI, such as {@code dns:///pagers:7002}, for every address that gRPC's name resolution finds for it. What a
 * failed resolution would have said is what the last one said. Loop thread only.
 */
public final class TargetWatch {
    private static final Logger log = LoggerFactory.getLogger(TargetWatch.class);
    /** How often names are looked up again; the resolver's own cache (30 s for DNS) may make it seldomer. */
    private static final long REFRESH_NS = TimeUnit.SECONDS.toNanos(5);

    private static final String SEPARATOR = ",";
    private static final String URI_MARK = "://";

    private final ServiceLoop loop;
    private final Consumer<List<String>> listener;
    private final Map<String, List<String>> found = new LinkedHashMap<>();
    private final List<Name> names;
    private List<String> last = List.of();
    private @Nullable Future<?> refresh;

    /**
     * A watch that begins with {@link #start}.
     *
     * @param targets with commas between
     * @param listener hears, on the loop, of the addresses, each {@code host:port}, when they are first known and when they
     *     have changed; never of none
     * @throws IllegalArgumentException as {@link #requireTargets}
     */
    public TargetWatch(ServiceLoop loop, String targets, Consumer<List<String>> listener) {
        requireTargets(targets);
        this.loop = loop;
        this.listener = listener;
        split(targets).forEach(target -> found.put(target, isUri(target) ? List.of() : List.of(target)));
        this.names = split(targets).filter(TargetWatch::isUri).map(Name::new).toList();
    }

    /**
     * Refuses what is not a list of targets.
     *
     * @throws IllegalArgumentException with the target and the expected forms
     */
    public static void requireTargets(String targets) {
        split(targets).forEach(target -> {
            if (!isUri(target)) {
                Channels.requireHostAndPort(target);
            } else if (provider(target) == null) {
                throw new IllegalArgumentException("target: " + target
                        + " (expected: HOST:PORT, or a URI that gRPC resolves, such as dns:///pagers:7002)");
            }
        });
    }

    /** Says what is known and begins to look up names. */
    public void start() {
        changed();
        names.forEach(Name::start);
        if (!names.isEmpty()) {
            refresh = loop.schedule(this::refresh, REFRESH_NS);
        }
    }

    /** Ends the watch; nothing is heard of it any more. */
    public void close() {
        if (refresh != null) {
            refresh.cancel(false);
        }
        names.forEach(Name::close);
    }

    private void refresh() {
        names.forEach(Name::refresh);
        refresh = loop.schedule(this::refresh, REFRESH_NS);
    }

    private void changed() {
        List<String> addresses = found.values().stream()
                .flatMap(List::stream)
                .distinct()
                .sorted()
                .toList();
        if (!addresses.isEmpty() && !addresses.equals(last)) {
            last = addresses;
            listener.accept(addresses);
        }
    }

    private static Stream<String> split(String targets) {
        return Arrays.stream(targets.split(SEPARATOR, -1)).map(String::strip);
    }

    private static boolean isUri(String target) {
        return target.contains(URI_MARK);
    }

    private static @Nullable NameResolverProvider provider(String uri) {
        return NameResolverRegistry.getDefaultRegistry().getProviderForScheme(uri.substring(0, uri.indexOf(URI_MARK)));
    }

    private static Stream<String> addresses(EquivalentAddressGroup group) {
        return group.getAddresses().stream().map(TargetWatch::text);
    }

    private static String text(SocketAddress address) {
        return address instanceof InetSocketAddress internet
                ? NetUtil.toSocketAddressString(internet)
                : address.toString();
    }

    /** One name that is looked up again and again. */
    private final class Name extends NameResolver.Listener2 {
        private final String target;
        private final SynchronizationContext context;
        private final NameResolver resolver;
        private boolean closed;
        private boolean failed;

        Name(String target) {
            this.target = target;
            this.context = new SynchronizationContext(
                    (thread, e) -> log.error("{}: name resolution failed in itself", target, e));
            NameResolverProvider provider = provider(target);
            NameResolver made = provider == null ? null : provider.newNameResolver(URI.create(target), arguments());
            if (made == null) {
                throw new IllegalArgumentException(
                        "target: " + target + " (expected: such as dns:///pagers:7002, with three slashes)");
            }
            this.resolver = made;
        }

        private NameResolver.Args arguments() {
            return NameResolver.Args.newBuilder()
                    .setDefaultPort(0)
                    .setProxyDetector(address -> null)
                    .setSynchronizationContext(context)
                    .setScheduledExecutorService(loop.group())
                    .setServiceConfigParser(new IgnoredServiceConfig())
                    .build();
        }

        void start() {
            context.execute(() -> resolver.start(this));
        }

        void refresh() {
            context.execute(resolver::refresh);
        }

        void close() {
            closed = true;
            context.execute(resolver::shutdown);
        }

        @Override
        public void onResult(NameResolver.ResolutionResult result) {
            Status ignored = onResult2(result);
            assert ignored.isOk();
        }

        /* On a thread of the resolver. */
        @Override
        public Status onResult2(NameResolver.ResolutionResult result) {
            StatusOr<List<EquivalentAddressGroup>> groups = result.getAddressesOrError();
            if (groups.hasValue()) {
                List<String> addresses = groups.getValue().stream()
                        .flatMap(TargetWatch::addresses)
                        .toList();
                loop.execute(() -> resolved(addresses));
            } else {
                onError(groups.getStatus());
            }
            return Status.OK;
        }

        @Override
        public void onError(Status error) {
            loop.execute(() -> missed(error.getCode() + ": " + error.getDescription()));
        }

        private void resolved(List<String> addresses) {
            if (addresses.isEmpty()) {
                missed("it has no address");
            } else if (!closed) {
                failed = false;
                found.put(target, addresses);
                changed();
            }
        }

        private void missed(String why) {
            if (!closed) {
                log.atLevel(failed ? Level.DEBUG : Level.WARN)
                        .log("{}: not resolved ({}), staying with {}", target, why, found.get(target));
                failed = true;
            }
        }
    }

    /** A peer's service config is of no use to streams that stay open. */
    private static final class IgnoredServiceConfig extends NameResolver.ServiceConfigParser {
        @Override
        public NameResolver.ConfigOrError parseServiceConfig(Map<String, ?> config) {
            return NameResolver.ConfigOrError.fromConfig(config);
        }
    }
}
