// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.standalone;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a standalone system is started with.
 *
 * @param dataDirectory where swap store, broker and log file live; made if absent
 * @param ports where its parts listen, on loopback
 * @param bootstrapServers an outside broker in place of the embedded one, {@code host:port}
 * @param swapStore as {@code faultline.pager.store} takes it: {@code rocksdb}, {@code memory} or a Redis URL
 * @param dramMaxBytes the bound of the pager's DRAM tier, in bytes
 * @param compressedMaxBytes the bound of the pager's compressed tier, in bytes; 0 for none
 * @param traces which faults are traced; null for what the environment says, as for services of their own
 * @param prefetchPagesMax how far ahead of VMs that do not say vcpu-service prefetches, as {@code
 *     faultline.vcpu.prefetch-pages-max} takes it; null for what the environment says
 * @param tlsDirectory where each service finds {@code service-NAME/ca.pem}, {@code tls.pem} and {@code tls.key}, as
 *     {@code deploy/tls/dev-ca} makes them; null for plain text
 * @param more further settings for each of the services, as {@code --name=value}
 */
public record StandaloneSettings(
        Path dataDirectory,
        Ports ports,
        @Nullable String bootstrapServers,
        String swapStore,
        long dramMaxBytes,
        long compressedMaxBytes,
        @Nullable Traces traces,
        @Nullable Integer prefetchPagesMax,
        @Nullable Path tlsDirectory,
        List<String> more) {
    /** Copies the further settings. */
    public StandaloneSettings {
        more = List.copyOf(more);
    }

    /** Settings that leave prefetching to the environment. */
    public StandaloneSettings(
            Path dataDirectory,
            Ports ports,
            @Nullable String bootstrapServers,
            String swapStore,
            long dramMaxBytes,
            long compressedMaxBytes,
            @Nullable Traces traces) {
        this(
                dataDirectory,
                ports,
                bootstrapServers,
                swapStore,
                dramMaxBytes,
                compressedMaxBytes,
                traces,
                null,
                null,
                List.of());
    }

    /** Settings that leave traces and prefetching to the environment. */
    public StandaloneSettings(
            Path dataDirectory,
            Ports ports,
            @Nullable String bootstrapServers,
            String swapStore,
            long dramMaxBytes,
            long compressedMaxBytes) {
        this(dataDirectory, ports, bootstrapServers, swapStore, dramMaxBytes, compressedMaxBytes, null);
    }

    /** These settings, and further ones. */
    public StandaloneSettings withMore(List<String> further) {
        return with(tlsDirectory, further);
    }

    /** These settings with TLS by what is in this directory, or in plain text. */
    public StandaloneSettings withTls(@Nullable Path directory) {
        return with(directory, more);
    }

    private StandaloneSettings with(@Nullable Path newTlsDirectory, List<String> newMore) {
        return new StandaloneSettings(
                dataDirectory,
                ports,
                bootstrapServers,
                swapStore,
                dramMaxBytes,
                compressedMaxBytes,
                traces,
                prefetchPagesMax,
                newTlsDirectory,
                newMore);
    }

    /**
     * Which faults are traced.
     *
     * @param otlpEndpoint where traces go, as {@code faultline.telemetry.otlp-endpoint} takes it
     * @param oneIn one fault in so many, as {@code faultline.vcpu.trace-one-in} takes it
     */
    public record Traces(String otlpEndpoint, int oneIn) {}

    /**
     * The ports, each 0 for any free one.
     *
     * @param vcpu vcpu-service's
     * @param pager pager-service's
     * @param notifier notifier-service's
     * @param broker the embedded broker's
     * @param management where metrics and probes are read
     */
    public record Ports(int vcpu, int pager, int notifier, int broker, ManagementPorts management) {
        /** Whatever is free, without management ports. */
        public static final Ports ANY = new Ports(0, 0, 0, 0, ManagementPorts.NONE);
    }

    /**
     * The services' management ports, each 0 for any free one, -1 for none.
     *
     * @param vcpu vcpu-service's
     * @param pager pager-service's
     * @param notifier notifier-service's
     */
    public record ManagementPorts(int vcpu, int pager, int notifier) {
        /** None. */
        public static final ManagementPorts NONE = new ManagementPorts(-1, -1, -1);

        /** Whatever is free. */
        public static final ManagementPorts ANY = new ManagementPorts(0, 0, 0);
    }
}
