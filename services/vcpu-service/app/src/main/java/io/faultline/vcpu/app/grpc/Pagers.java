// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.TargetWatch;
import io.faultline.rpc.Turn;
import io.faultline.telemetry.TraceParent;
import io.faultline.vcpu.app.host.FaultTimers;
import io.faultline.vcpu.app.host.HostedVm;
import io.faultline.vcpu.app.host.PageTiers;
import io.faultline.vcpu.app.memory.FrameMemory;
import io.faultline.vcpu.domain.PageImport;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The page plane: extents are spread over the pagers that the target stands for, by {@link Rendezvous} hashing over those
 * that are connected. What one pager stored any other finds in the swap store they share, so an extent changes its pager at
 * any moment, and costs only what the new one does not have in DRAM yet. A pager that lets a request go unanswered is
 * passed over until it says something.
 *
 * <p>Fetches under way are bounded by the VMs' frames, stores by a number of bytes. Beyond it, and without any pager, a
 * request is answered "unavailable", for the machine to try again. Loop thread only, where nothing else is said.
 */
public final class Pagers implements PageTiers {
    /** More addresses than this are not used. */
    static final int PAGERS_MAX = 64;

    private static final Logger log = LoggerFactory.getLogger(Pagers.class);
    private static final int LOOKS_PER_TIMEOUT = 4;

    private final ServiceLoop loop;
    private final Turn turn;
    private final Limits limits;
    private final Function<String, ManagedChannel> channels;
    private final Supplier<Backoff> backoffs;
    private final FaultTimers timers;
    private final PagerTally tally = new PagerTally();
    private final TargetWatch targets;
    private final PageDrops drops;
    private final PageQuotas quotas;
    private final Map<String, GrpcPager> byAddress = new TreeMap<>();
    private final List<GrpcPager> leaving = new ArrayList<>();
    private volatile GrpcPager[] pagers = {};
    private boolean closed;

    /**
     * No pager before {@link #start}.
     *
     * @param target as {@link TargetWatch} reads it
     * @param channels opens a channel to an address
     */
    public Pagers(
            ServiceLoop loop,
            Turn turn,
            String target,
            Limits limits,
            Function<String, ManagedChannel> channels,
            Supplier<Backoff> backoffs,
            FaultTimers timers) {
        this.loop = loop;
        this.turn = turn;
        this.limits = limits;
        this.channels = channels;
        this.backoffs = backoffs;
        this.timers = timers;
        this.targets = new TargetWatch(loop, target, this::found);
        this.drops = new PageDrops(loop, this::connected);
        this.quotas = new PageQuotas(loop, this::connected);
    }

    /** Connects to every pager, now and after each break. */
    public void start() {
        targets.start();
        look();
    }

    /** Ends the connections for good. */
    public void close() {
        closed = true;
        targets.close();
        drops.close();
        byAddress.values().forEach(GrpcPager::close);
        leaving.forEach(GrpcPager::close);
    }

    /** Whether requests reach a pager; from any thread. */
    public boolean isConnected() {
        return connectedCount() > 0;
    }

    /** How many pagers requests reach; from any thread. */
    public int connectedCount() {
        int connected = 0;
        for (GrpcPager pager : pagers) {
            connected += pager.isConnected() ? 1 : 0;
        }
        return connected;
    }

    /** How many pagers the target stands for; from any thread. */
    public int count() {
        return pagers.length;
    }

    /** Replies to requests that are not open (any more); from any thread. */
    public long repliesToNothing() {
        return tally.repliesToNothing();
    }

    /** Requests that were given up because a pager said nothing for too long; from any thread. */
    public long requestsTimedOut() {
        return tally.requestsTimedOut();
    }

    /** Requests without an answer; from any thread. */
    public int requestsOpen() {
        return tally.requestsOpen();
    }

    /** Ended VMs whose pages no pager has dropped yet; from any thread. */
    public int dropsWaiting() {
        return drops.waiting();
    }

    /** Page bytes sent and not acknowledged; from any thread. */
    public long storesInFlightBytes() {
        return tally.storesInFlightBytes();
    }

    @Override
    public void fetch(HostedVm vm, int frame, long gfn, long version, int crc, @Nullable TraceParent trace) {
        GrpcPager pager = pagerOf(vm, gfn);
        if (pager == null) {
            later(vm, nowNs -> vm.machine().fetchUnavailable(frame, nowNs));
        } else {
            pager.fetch(vm, frame, gfn, version, crc, trace);
        }
    }

    @Override
    public void store(HostedVm vm, int frame, long gfn, long version) {
        FrameMemory memory = vm.memory();
        if (memory.isZero(frame)) {
            later(vm, nowNs -> vm.machine().storedZero(frame, nowNs));
            return;
        }
        GrpcPager pager = pagerOf(vm, gfn);
        if (pager == null || tally.storesInFlightBytes() + memory.pageBytes() > limits.storesMaxBytes()) {
            later(vm, nowNs -> vm.machine().storeUnavailable(frame, nowNs));
        } else {
            pager.store(vm, frame, gfn, version);
        }
    }

    /* Imports may take half of what stores may, so that write-outs, which guests wait for, always find room. */
    @Override
    public void storeImport(HostedVm vm, PageImport page, MemorySegment bytes) {
        GrpcPager pager = pagerOf(vm, page.gfn());
        long maxBytes = Math.max(limits.storesMaxBytes() / 2, bytes.byteSize());
        if (pager == null || tally.storesInFlightBytes() + bytes.byteSize() > maxBytes) {
            later(vm, nowNs -> vm.machine().importUnavailable(page, nowNs));
        } else {
            pager.storeImport(vm, page, bytes);
        }
    }

    @Override
    public void discard(HostedVm vm, long gfn, long version) {
        GrpcPager pager = pagerOf(vm, gfn);
        if (pager != null) {
            pager.discard(vm, gfn, version);
        }
    }

    @Override
    public void begin(HostedVm vm) {
        quotas.set(vm.id(), vm.tierQuota());
    }

    @Override
    public boolean prefetch(HostedVm vm, long gfn, long version) {
        GrpcPager pager = pagerOf(vm, gfn);
        return pager != null && pager.prefetch(vm, gfn, version);
    }

    @Override
    public void drop(HostedVm vm, Runnable done) {
        quotas.forget(vm.id());
        drops.add(vm.id(), done);
        dropIfQuiet(vm);
    }

    @Override
    public boolean keep(long vmId) {
        return drops.keep(vmId);
    }

    private @Nullable GrpcPager pagerOf(HostedVm vm, long gfn) {
        long extent = Rendezvous.extent(vm.id(), gfn, vm.spec().pageSize());
        GrpcPager best = null;
        long most = 0;
        for (GrpcPager pager : pagers) {
            if (pager.isConnected()) {
                long weight = Rendezvous.weight(extent, pager.hash());
                if (best == null || isBetter(pager, weight, best, most)) {
                    best = pager;
                    most = weight;
                }
            }
        }
        return best;
    }

    private static boolean isBetter(GrpcPager pager, long weight, GrpcPager than, long most) {
        return pager.isSilent() == than.isSilent() ? weight > most : than.isSilent();
    }

    private void found(List<String> addresses) {
        if (addresses.size() > PAGERS_MAX) {
            log.warn(
                    "pagers: {} addresses (expected: at most {}), the others are not used",
                    addresses.size(),
                    PAGERS_MAX);
        }
        Set<String> wanted = new HashSet<>(addresses.subList(0, Math.min(addresses.size(), PAGERS_MAX)));
        for (String address : List.copyOf(byAddress.keySet())) {
            GrpcPager pager = wanted.contains(address) ? null : byAddress.remove(address);
            if (pager != null) {
                log.info("pager-service at {}: leaves", address);
                leaving.add(pager);
            }
        }
        wanted.forEach(address -> byAddress.computeIfAbsent(address, this::join));
        pagers = byAddress.values().toArray(GrpcPager[]::new);
    }

    private GrpcPager join(String address) {
        GrpcPager pager = new GrpcPager(
                loop, turn, address, channels.apply(address), tally, timers, backoffs.get(), new PagerListener());
        pager.start();
        return pager;
    }

    private List<Channel> connected() {
        List<Channel> connected = new ArrayList<>();
        for (GrpcPager pager : pagers) {
            if (pager.isConnected()) {
                connected.add(pager.channel());
            }
        }
        return connected;
    }

    private void look() {
        if (closed) {
            return;
        }
        loop.executeAfter(this::look, limits.timeoutNs() / LOOKS_PER_TIMEOUT);
        long nowNs = loop.nowNs();
        long sentNs = nowNs - limits.timeoutNs();
        for (GrpcPager pager : pagers) {
            pager.giveUpBefore(sentNs, nowNs);
        }
        leaving.forEach(pager -> pager.giveUpBefore(sentNs, nowNs));
        leaving.removeIf(Pagers::closeIfIdle);
    }

    private static boolean closeIfIdle(GrpcPager pager) {
        if (pager.isIdle()) {
            pager.close();
            return true;
        }
        return false;
    }

    private void dropIfQuiet(HostedVm vm) {
        if (!vm.hasPageRequests()) {
            drops.quiet(vm.id());
        }
    }

    private void later(HostedVm vm, LongConsumer input) {
        loop.execute(() -> {
            if (!vm.isClosed()) {
                input.accept(loop.nowNs());
            }
        });
    }

    /**
     * What is waited for, and how long.
     *
     * @param storesMaxBytes the bound on page bytes sent and not acknowledged, to all pagers together
     * @param timeoutNs how long a request may go without an answer before it is given up, in nanoseconds
     */
    public record Limits(long storesMaxBytes, long timeoutNs) {}

    /** Hears of each pager. */
    private final class PagerListener implements GrpcPager.Listener {
        @Override
        public void connected(Channel pager) {
            quotas.tellAll(pager);
            drops.sendAll();
        }

        @Override
        public void answered(HostedVm vm) {
            dropIfQuiet(vm);
        }
    }
}
