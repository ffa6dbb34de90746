// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app;

import io.faultline.pager.app.compression.Compressor;
import io.faultline.pager.app.config.PagerProperties;
import io.faultline.pager.app.config.SwapStoreChoice;
import io.faultline.pager.app.grpc.PageEndpoint;
import io.faultline.pager.app.grpc.PageStreams;
import io.faultline.pager.app.host.FetchTraces;
import io.faultline.pager.app.host.PagerHost;
import io.faultline.pager.app.host.PagerTimers;
import io.faultline.pager.app.host.Watch;
import io.faultline.pager.app.memory.DramSlab;
import io.faultline.pager.app.metrics.PagerMetrics;
import io.faultline.pager.app.metrics.ReplyMetrics;
import io.faultline.pager.app.store.Envelope;
import io.faultline.pager.app.store.FarSwapStore;
import io.faultline.pager.app.store.InMemorySwapStore;
import io.faultline.pager.app.store.PlainEnvelope;
import io.faultline.pager.app.store.SwapStore;
import io.faultline.pager.app.store.redis.RedisSwapStore;
import io.faultline.pager.app.store.rocksdb.RocksDbSwapStore;
import io.faultline.pager.app.store.seal.KeyRing;
import io.faultline.pager.app.store.seal.SealedEnvelope;
import io.faultline.pager.domain.DramPolicy;
import io.faultline.pager.domain.PagerLimits;
import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.StartNeed;
import io.faultline.rpc.StreamKind;
import io.faultline.rpc.StreamMeters;
import io.faultline.rpc.Turn;
import io.faultline.telemetry.trace.TraceQueue;
import io.grpc.protobuf.services.HealthStatusManager;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires the service: the pager in the middle, the swap store below, clients above, all on one loop. */
@Configuration(proxyBeanMethods = false)
class PagerConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger(PagerConfiguration.class);

    @Bean
    Envelope envelope(PagerProperties properties) {
        if (properties.keyRingFile().isEmpty()) {
            return new PlainEnvelope();
        }
        KeyRing ring = KeyRing.read(Path.of(properties.keyRingFile()));
        LOG.info("pages are sealed: {}", ring);
        if (properties.acceptUnsealed()) {
            LOG.warn("pages that are not sealed are accepted: whoever can write to the swap store can make one."
                    + " Set accept-unsealed to false once the VMs of before have ended");
        }
        return new SealedEnvelope(ring, properties.acceptUnsealed());
    }

    /* Needs the loop only so as to be closed before it: its last answers go there. */
    @Bean(destroyMethod = "close")
    SwapStore swapStore(ServiceLoop loop, PagerProperties properties, Envelope envelope) {
        SwapStore store = nearStore(properties, envelope);
        return properties.storeLatencyUs() == 0
                ? store
                : new FarSwapStore(store, Duration.of(properties.storeLatencyUs(), ChronoUnit.MICROS));
    }

    private static SwapStore nearStore(PagerProperties properties, Envelope envelope) {
        return switch (properties.store()) {
            case SwapStoreChoice.Memory _ -> new InMemorySwapStore(properties.memoryStoreMaxBytes(), envelope);
            case SwapStoreChoice.RocksDb _ ->
                RocksDbSwapStore.open(
                        new RocksDbSwapStore.Settings(
                                properties.rocksdbDirectory(),
                                properties.rocksdbBlockCacheBytes(),
                                properties.rocksdbDiskReserveBytes(),
                                properties.rocksdbReaders()),
                        envelope);
            case SwapStoreChoice.Redis redis -> RedisSwapStore.open(redis, properties.redis(), envelope);
        };
    }

    @Bean
    StartNeed storeReached(SwapStore store, PagerProperties properties) {
        return new StartNeed("the swap store " + properties.store(), () -> store.outage() == null);
    }

    /* As above: what it deflated goes back to the loop. */
    @Bean(destroyMethod = "close")
    Compressor compressor(ServiceLoop loop, PagerProperties properties) {
        return new Compressor(loop, properties.compressedCodec(), properties.compressedMaxBytes());
    }

    @Bean
    PagerHost.Below below(Compressor compressor, SwapStore store) {
        return new PagerHost.Below(compressor, store);
    }

    @Bean
    StreamMeters streamMeters() {
        return new StreamMeters(StreamKind.EXCHANGE);
    }

    @Bean
    PagerTimers pagerTimers() {
        return new PagerTimers();
    }

    @Bean
    Watch watch(ServiceLoop loop, PagerTimers timers, TraceQueue queue) {
        return new Watch(timers, new FetchTraces(queue, loop::nowNs));
    }

    @Bean
    PageStreams pageStreams(PagerProperties properties) {
        return new PageStreams(properties.streamsMax(), properties.unsentMaxBytes());
    }

    @Bean
    PagerHost pagerHost(
            ServiceLoop loop,
            Turn turn,
            PagerHost.Below below,
            PageStreams streams,
            Watch watch,
            PagerProperties properties) {
        DramSlab.requireWithinJvm(properties.dramMaxBytes() + properties.compressedMaxBytes());
        PagerLimits limits = new PagerLimits(
                properties.dramMaxBytes(),
                properties.compressedMaxBytes(),
                properties.loadsInFlightMax(),
                properties.loadsQueuedMax(),
                properties.storesInFlightMax(),
                properties.waitersMax());
        return new PagerHost(
                loop,
                turn,
                below,
                streams,
                new PagerHost.Settings(
                        limits,
                        new DramPolicy(
                                properties.dramPolicy().first(),
                                properties.dramPolicy().isAuto(),
                                properties.shadowPages()),
                        properties.deletesInFlightMax()),
                watch);
    }

    @Bean
    PageEndpoint pageEndpoint(ServiceLoop loop, Turn turn, PagerHost host, PageStreams streams, Watch watch) {
        return new PageEndpoint(loop, turn, host, streams, watch);
    }

    @Bean
    PagerMetrics pagerMetrics(ServiceLoop loop, PagerHost host) {
        return new PagerMetrics(loop, host);
    }

    @Bean
    ReplyMetrics replyMetrics(PageStreams streams) {
        return new ReplyMetrics(streams);
    }

    @Bean
    PagerLifecycle pagerLifecycle(
            ServiceLoop loop,
            PageEndpoint endpoint,
            PagerMetrics metrics,
            PagerProperties properties,
            ObjectProvider<HealthStatusManager> health) {
        return new PagerLifecycle(loop, endpoint, metrics, properties.drainMs(), health);
    }
}
