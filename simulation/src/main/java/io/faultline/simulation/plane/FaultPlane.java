// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.plane;

import io.faultline.model.FailReason;
import io.faultline.model.PageSize;
import io.faultline.model.PageSource;
import io.faultline.model.Tier;
import io.faultline.simulation.check.Invariant;
import io.faultline.simulation.check.InvariantViolation;
import io.faultline.simulation.engine.Connection;
import io.faultline.simulation.engine.Life;
import io.faultline.simulation.message.Command;
import io.faultline.simulation.message.Outcome;
import io.faultline.simulation.message.PageAsk;
import io.faultline.simulation.message.PageReply;
import io.faultline.simulation.message.Ruling;
import io.faultline.simulation.message.Touch;
import io.faultline.vcpu.domain.MachineSpec;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * vcpu-service: real machines and what {@code GrpcNotifier}, {@code GrpcPager}, {@code FaultDesk} and {@code Ticker} do around
 * them. One thread.
 */
public final class FaultPlane implements Connection.Server<Touch, Outcome> {
    private static final long TICK_NS = 3_000_000;
    private static final int IDLE_FACTOR = 10;
    private static final int LOOKS_PER_TIMEOUT = 4;
    /** One write in so many writes zeros. */
    private static final int ZEROS_ONCE_IN = 6;
    /** One hint in so many finds a stream that takes none. */
    private static final int HINTS_NOT_TAKEN_ONCE_IN = 16;

    private final World world;
    private final NotificationPlane notifier;
    private final PagePlane pager;
    private final SwapStoreModel store;
    private @Nullable Instance instance;
    private long lastStamp;

    /** A service that does not run yet. */
    public FaultPlane(World world, NotificationPlane notifier, PagePlane pager, SwapStoreModel store) {
        this.world = world;
        this.notifier = notifier;
        this.pager = pager;
        this.store = store;
    }

    /** Starts the process. */
    public void start() {
        world.journal().note("faults: starts");
        instance = new Instance();
        instance.start();
    }

    /** Kills the process: VMs are gone with their memory, streams break. */
    public void crash() {
        Instance dying = instance;
        if (dying != null) {
            world.journal().note("faults: dies");
            instance = null;
            dying.die();
        }
    }

    @Override
    public boolean isUp() {
        return instance != null;
    }

    @Override
    public Connection.Session<Touch> accept(Connection<Touch, Outcome> connection) {
        return running().new Stream(connection);
    }

    /** The VM of an id, while it is registered. */
    public @Nullable SimulatedVmView vm(long vmId) {
        SimulatedVm vm = instance == null ? null : instance.vms.get(vmId);
        return vm == null ? null : new SimulatedVmView(vm, running());
    }

    /** Registers a VM; false when that must wait: the process is down, or its last life is still being dropped. */
    public boolean register(MachineSpec spec) {
        return instance != null && instance.register(spec);
    }

    /** Ends a VM and has its pages dropped. */
    public void unregister(long vmId) {
        if (instance != null) {
            instance.unregister(vmId);
        }
    }

    /** Hints at a page that the store holds, whether or not a VM still needs it. */
    public void prefetchAny(PageSize size) {
        if (instance != null && store.size() > 0) {
            StoreKey page = store.anyKey();
            world.tally().count("page requests", "prefetches");
            instance.toPager.send(
                    new PageAsk(PageAsk.Kind.PREFETCH, 0, page.vmId(), page.gfn(), page.version(), size, 0));
        }
    }

    /** Breaks the stream to the notifier or, else, to the pager. */
    public void cut(boolean toNotifier) {
        if (instance != null) {
            (toNotifier ? instance.toNotifier : instance.toPager).cut();
        }
    }

    /** Whether both other planes are connected and nothing is asked of the pager. */
    public boolean isQuiet() {
        return instance != null
                && instance.toNotifier.isConnected()
                && instance.toPager.isConnected()
                && instance.requests.size() == 0
                && instance.vms.values().stream().noneMatch(SimulatedVm::isWaiting);
    }

    /** Whether no VM waits to be dropped. */
    public boolean hasDropped() {
        return instance != null && instance.drops.isEmpty();
    }

    /** What it waits for, in words. */
    public String waitsFor() {
        return instance == null
                ? "not running"
                : "notifier " + (instance.toNotifier.isConnected() ? "connected" : "away")
                        + ", pager " + (instance.toPager.isConnected() ? "connected" : "away")
                        + ", requests " + instance.requests.size() + ", drops " + instance.drops.waiting();
    }

    void fetch(SimulatedVm vm, int frame, long gfn, long version, int crc) {
        running().fetch(vm, frame, new StoreKey(vm.spec().vmId(), gfn, version), crc);
    }

    void store(SimulatedVm vm, int frame, long gfn, long version) {
        running().store(vm, frame, new StoreKey(vm.spec().vmId(), gfn, version));
    }

    void discard(SimulatedVm vm, long gfn, long version) {
        running().discard(vm, gfn, version);
    }

    boolean prefetch(SimulatedVm vm, long gfn, long version) {
        return running().prefetch(vm, gfn, version);
    }

    void send(Command command) {
        running().toNotifier.send(command);
    }

    long newStamp() {
        return world.chance().onceIn(ZEROS_ONCE_IN) ? 0 : ++lastStamp;
    }

    private Instance running() {
        if (instance == null) {
            throw new IllegalStateException("faults: not running (expected: running)");
        }
        return instance;
    }

    /** Hears the answer to a hypercall: what x0 holds, or null when the service could not be asked. */
    @FunctionalInterface
    public interface ConfigureAnswer {
        /** The answer. */
        void configured(@Nullable Long result);
    }

    /** One life of the service. */
    final class Instance {
        private final Life life = new Life();
        private final Map<Long, SimulatedVm> vms = new TreeMap<>();
        private final PageRequests requests = new PageRequests();
        private int hints;
        private final PageDrops drops = new PageDrops(world, life, pager);
        private final Peer<Command, Ruling> toNotifier;
        private final Peer<PageAsk, PageReply> toPager;
        private final java.util.Set<Stream> streams = new java.util.LinkedHashSet<>();

        Instance() {
            toNotifier = new Peer<>(world, life, notifier.owners(), new Rulings());
            toPager = new Peer<>(world, life, pager, new Replies());
        }

        void start() {
            toNotifier.open();
            toPager.open();
            tick();
            giveUpLate();
        }

        void die() {
            life.end();
            vms.values().forEach(vm -> vm.close(false));
            toNotifier.die();
            toPager.die();
            streams.forEach(stream -> stream.connection.serverDied());
        }

        boolean register(MachineSpec spec) {
            if (vms.containsKey(spec.vmId()) || !drops.keep(spec.vmId())) {
                return false;
            }
            SimulatedVm vm = new SimulatedVm(world, FaultPlane.this, spec);
            world.journal().note("faults: vm " + spec.vmId() + " registered");
            vms.put(spec.vmId(), vm);
            vm.machine().open(toNotifier.isConnected(), world.nowNs());
            return true;
        }

        void unregister(long vmId) {
            SimulatedVm vm = vms.get(vmId);
            if (vm != null) {
                world.journal().note("faults: vm " + vmId + " unregistered");
                vm.close(true);
                vms.remove(vmId);
                drops.add(vmId);
                dropIfQuiet(vm);
            }
        }

        void orphan(SimulatedVm vm, long firstGfn, long endGfn) {
            requests.orphan(vm, firstGfn, endGfn);
        }

        private void dropIfQuiet(SimulatedVm vm) {
            if (toPager.isConnected() && !requests.has(vm)) {
                drops.send(vm.spec().vmId());
            }
        }

        private void tick() {
            boolean waiting = false;
            for (SimulatedVm vm : vms.values()) {
                vm.machine().tick(world.nowNs());
                vm.checkWorks();
                waiting |= vm.isWaiting();
            }
            world.timeline().after(waiting ? TICK_NS : IDLE_FACTOR * TICK_NS, life, this::tick);
        }

        private void giveUpLate() {
            long timeoutNs = world.limits().pagerTimeoutNs();
            world.timeline().after(timeoutNs / LOOKS_PER_TIMEOUT, life, this::giveUpLate);
            for (long id : requests.sentBefore(world.nowNs() - timeoutNs)) {
                world.tally().count("page requests", "timed out");
                giveUp(id);
            }
        }

        private void giveUp(long id) {
            PageRequests.Request request = requests.close(id);
            if (request == null || request.vm.isClosed()) {
                return;
            }
            if (request.isStore) {
                request.vm.machine().storeUnavailable(request.frame, world.nowNs());
            } else {
                request.vm.machine().fetchUnavailable(request.frame, world.nowNs());
            }
        }

        private void later(SimulatedVm vm, LongConsumer input) {
            world.timeline().after(0, life, () -> {
                if (!vm.isClosed()) {
                    input.accept(world.nowNs());
                }
            });
        }

        void fetch(SimulatedVm vm, int frame, StoreKey page, int crc) {
            if (!toPager.isConnected()) {
                later(vm, nowNs -> vm.machine().fetchUnavailable(frame, nowNs));
                return;
            }
            if (requests.isFetching(vm, page.gfn(), page.version())) {
                throw new InvariantViolation(Invariant.P4, "faults: a second fetch of " + page);
            }
            PageRequests.Request request = new PageRequests.Request(vm, frame, page, crc, false, world.nowNs());
            ask(PageAsk.Kind.FETCH, requests.open(request), vm, page, 0);
        }

        void store(SimulatedVm vm, int frame, StoreKey page) {
            long stamp = vm.stamp(frame);
            if (stamp == 0) {
                later(vm, nowNs -> vm.machine().storedZero(frame, nowNs));
                return;
            }
            if (!toPager.isConnected() || requests.stores() >= world.limits().storesMax()) {
                later(vm, nowNs -> vm.machine().storeUnavailable(frame, nowNs));
                return;
            }
            PageRequests.Request request =
                    new PageRequests.Request(vm, frame, page, World.crcOf(stamp), true, world.nowNs());
            ask(PageAsk.Kind.STORE, requests.open(request), vm, page, stamp);
        }

        void discard(SimulatedVm vm, long gfn, long version) {
            if (toPager.isConnected()) {
                ask(PageAsk.Kind.DISCARD, 0, vm, new StoreKey(vm.spec().vmId(), gfn, version), 0);
            }
        }

        boolean prefetch(SimulatedVm vm, long gfn, long version) {
            if (!toPager.isConnected() || ++hints % HINTS_NOT_TAKEN_ONCE_IN == 0) {
                world.tally().count("hints", "not taken");
                return false;
            }
            world.tally().count("hints", "given");
            ask(PageAsk.Kind.PREFETCH, 0, vm, new StoreKey(vm.spec().vmId(), gfn, version), 0);
            return true;
        }

        /** Past the tap: what the pager is really told. */
        private void sendWatched(SimulatedVm vm, PageAsk ask) {
            if (ask.kind() == PageAsk.Kind.PREFETCH) {
                boolean isThere = store.has(ask.vmId(), ask.gfn(), ask.version());
                vm.hints()
                        .hinted(
                                ask.gfn(),
                                ask.version(),
                                isThere || store.isHarmed(ask.vmId(), ask.gfn(), ask.version()));
            }
            toPager.send(ask);
        }

        private void ask(PageAsk.Kind kind, long id, SimulatedVm vm, StoreKey page, long stamp) {
            PageAsk ask = new PageAsk(
                    kind, id, page.vmId(), page.gfn(), page.version(), vm.spec().pageSize(), stamp);
            world.taps().asksOut.pass(ask, passed -> sendWatched(vm, passed));
        }

        private void fetched(PageRequests.Request request, PageReply reply) {
            SimulatedVm vm = request.vm;
            long nowNs = world.nowNs();
            switch (reply.kind()) {
                case DATA, ZERO -> {
                    vm.put(request.frame, reply.stamp());
                    vm.machine().fetched(request.frame, source(reply.tier()), nowNs);
                }
                case ABSENT -> lost(request, FailReason.PAGE_ABSENT);
                case CORRUPT -> lost(request, FailReason.PAGE_CORRUPT);
                case UNAVAILABLE, STORED -> vm.machine().fetchUnavailable(request.frame, nowNs);
            }
            vm.checkWorks();
        }

        private void lost(PageRequests.Request request, FailReason reason) {
            long vmId = request.vm.spec().vmId();
            if (!request.orphaned) {
                if (!store.isHarmed(vmId, request.gfn, request.version)) {
                    throw new InvariantViolation(
                            Invariant.P2,
                            reason + " vm " + vmId + " gfn " + request.gfn + " version " + request.version);
                }
                request.vm.ledger().lose(request.gfn);
            }
            request.vm.machine().fetchFailed(request.frame, reason, world.nowNs());
        }

        private static PageSource source(Tier tier) {
            return tier == Tier.DRAM ? PageSource.DRAM : PageSource.SWAP_STORE;
        }

        /** A guest's stream of faults. */
        final class Stream implements Connection.Session<Touch> {
            private final Connection<Touch, Outcome> connection;

            Stream(Connection<Touch, Outcome> connection) {
                this.connection = connection;
                streams.add(this);
            }

            @Override
            public void received(List<Touch> touches) {
                for (Touch touch : touches) {
                    world.journal().note("faults: " + touch);
                    SimulatedVm vm = vms.get(touch.vmId());
                    if (vm == null) {
                        world.tally().count("failed because", FailReason.NO_SUCH_VM.name());
                        connection
                                .down()
                                .send(new Outcome(
                                        Outcome.Kind.FAILED,
                                        touch.vmId(),
                                        touch.sequence(),
                                        0,
                                        FailReason.NO_SUCH_VM.name()));
                    } else {
                        world.tally().count("faults", touch.access().name());
                        vm.raise(touch, connection);
                    }
                }
            }

            @Override
            public void ended() {
                streams.remove(this);
            }
        }

        private final class Rulings implements Peer.Heard<Ruling> {
            @Override
            public void connected() {
                world.journal().note("faults: notifier connected");
                vms.values().forEach(vm -> vm.machine().notifierConnected(world.nowNs()));
            }

            @Override
            public void received(Ruling ruling) {
                SimulatedVm vm = vms.get(ruling.vmId());
                if (vm != null) {
                    vm.rule(ruling);
                }
            }

            @Override
            public void disconnected() {
                world.journal().note("faults: notifier lost");
                vms.values().forEach(vm -> {
                    vm.watch().notifierLost();
                    vm.machine().notifierLost(world.nowNs());
                });
            }
        }

        private final class Replies implements Peer.Heard<PageReply> {
            @Override
            public void connected() {
                world.journal().note("faults: pager connected");
                drops.sendAll();
            }

            @Override
            public void received(PageReply reply) {
                PageRequests.Request request = requests.close(reply.requestId());
                if (request == null) {
                    world.tally().count("page requests", "answered too late");
                    return;
                }
                world.journal().note("faults: " + reply);
                if (request.vm.isClosed()) {
                    dropIfQuiet(request.vm);
                } else if (!request.isStore) {
                    world.taps().repliesIn.pass(checked(request, reply), passed -> fetched(request, passed));
                } else if (reply.kind() == PageReply.Kind.STORED) {
                    request.vm.machine().stored(request.frame, request.crc, world.nowNs());
                } else {
                    request.vm.machine().storeUnavailable(request.frame, world.nowNs());
                }
            }

            @Override
            public void disconnected() {
                world.journal().note("faults: pager lost");
                requests.sentBefore(Long.MAX_VALUE).forEach(Instance.this::giveUp);
            }

            private static PageReply checked(PageRequests.Request request, PageReply reply) {
                boolean hasBytes = reply.kind() == PageReply.Kind.DATA || reply.kind() == PageReply.Kind.ZERO;
                return hasBytes && World.crcOf(reply.stamp()) != request.crc
                        ? new PageReply(PageReply.Kind.CORRUPT, reply.requestId(), Tier.NONE, 0)
                        : reply;
            }
        }
    }
}
