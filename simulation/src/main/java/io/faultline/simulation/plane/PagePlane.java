// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.plane;

import io.faultline.model.Tier;
import io.faultline.pager.domain.CompressedTier;
import io.faultline.pager.domain.DramPolicy;
import io.faultline.pager.domain.LoadResult;
import io.faultline.pager.domain.PageAnswer;
import io.faultline.pager.domain.Pager;
import io.faultline.pager.domain.PagerEffects;
import io.faultline.pager.domain.PagerLimits;
import io.faultline.pager.domain.PagerStats;
import io.faultline.pager.domain.VmQuota;
import io.faultline.pager.domain.eviction.PolicyKind;
import io.faultline.simulation.check.Invariant;
import io.faultline.simulation.check.InvariantViolation;
import io.faultline.simulation.engine.Chance;
import io.faultline.simulation.engine.Connection;
import io.faultline.simulation.engine.Life;
import io.faultline.simulation.message.PageAsk;
import io.faultline.simulation.message.PageReply;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** pager-service: the real {@link Pager}, with stamps for bytes, and what {@code PagerHost} does around it. One thread. */
public final class PagePlane implements Connection.Server<PageAsk, PageReply> {
    private static final long DRAM_BYTES = 1L << 20;
    private static final int VMS_WITH_QUOTAS = 8;
    private static final int SHADOW_PAGES = 256;
    private static final long DEFLATE_MOST_NS = 100_000;
    private static final int SPOILT_ONE_IN = 50;

    private final World world;
    private final SwapStoreModel store;
    private @Nullable Instance instance;

    /** A pager that does not run yet. */
    public PagePlane(World world, SwapStoreModel store) {
        this.world = world;
        this.store = store;
    }

    /** Starts the process. */
    public void start() {
        world.journal().note("pager: starts");
        instance = new Instance();
    }

    /** Kills the process: DRAM is gone, streams break. */
    public void crash() {
        Instance dying = instance;
        if (dying != null) {
            world.journal().note("pager: dies");
            instance = null;
            dying.die();
        }
    }

    @Override
    public boolean isUp() {
        return instance != null;
    }

    @Override
    public Connection.Session<PageAsk> accept(Connection<PageAsk, PageReply> connection) {
        return running().accept(connection);
    }

    /** Breaks every stream. */
    public void cut() {
        if (instance != null) {
            List.copyOf(instance.streams.values()).forEach(stream -> stream.connection.cut());
        }
    }

    /** Forgets a VM in every tier; answers once, false when it could not. */
    void dropVm(long vmId, Consumer<Boolean> answer) {
        running().drop(vmId, answer);
    }

    /** The pager's own counters and gauges; null while it does not run. */
    public @Nullable PagerStats stats() {
        return instance == null ? null : instance.pager.stats();
    }

    private Instance running() {
        if (instance == null) {
            throw new IllegalStateException("pager: not running (expected: running)");
        }
        return instance;
    }

    /** One life of the service. */
    private final class Instance implements PagerEffects {
        private final Life life = new Life();
        private final Pager pager;
        /** A sequence of its own: a page that is deflated changes nothing elsewhere. */
        private final Chance compressor;

        private final long[] cells;
        private final Map<Integer, Stream> streams = new TreeMap<>();
        private final Map<Long, List<Consumer<Boolean>>> drops = new TreeMap<>();
        private final Set<Consumer<Boolean>> unansweredDrops = new LinkedHashSet<>();
        /** What is being loaded, and into which cell; a page that was discarded meanwhile may be loaded anew. */
        private final Map<StoreKey, Integer> loading = new HashMap<>();

        private List<SwapStoreModel.Write> writes = new ArrayList<>();
        private List<Integer> reads = new ArrayList<>();
        private final List<Integer> sent = new ArrayList<>();
        /** The stamps of deflated pages, by the first block of each. */
        private final Map<Integer, Long> deflated = new HashMap<>();

        private List<Inflation> inflations = new ArrayList<>();
        private int streamNumber;
        private int deletesInFlight;
        private boolean turnPlanned;

        Instance() {
            Limits limits = world.limits();
            pager = new Pager(
                    new PagerLimits(
                            DRAM_BYTES,
                            limits.compressedBytes(),
                            limits.loadsMax(),
                            limits.loadsQueuedMax(),
                            limits.pagerStoresMax(),
                            limits.waitersMax()),
                    new DramPolicy(limits.policy(), true, SHADOW_PAGES),
                    this);
            cells = new long[pager.units()];
            compressor = new Chance(limits.pagerTimeoutNs());
            setQuotas(new Chance(limits.fetchDeadlineNs()));
        }

        /** Some VMs have weights and limits; the same in each life, since a pager is told again. */
        private void setQuotas(Chance chance) {
            for (int vmId = 1; vmId <= VMS_WITH_QUOTAS; vmId++) {
                if (chance.onceIn(2)) {
                    long compressedMaxBytes = chance.onceIn(3) ? chance.between(1, 4) << 16 : 0;
                    pager.setQuota(vmId, new VmQuota((int) chance.between(1, 8), 0, compressedMaxBytes));
                }
            }
        }

        void die() {
            life.end();
            List.copyOf(streams.values()).forEach(stream -> stream.connection.serverDied());
            streams.clear();
            List.copyOf(unansweredDrops).forEach(answer -> answer.accept(false));
        }

        Connection.Session<PageAsk> accept(Connection<PageAsk, PageReply> connection) {
            Stream stream = new Stream(++streamNumber, connection);
            streams.put(stream.number, stream);
            return stream;
        }

        void drop(long vmId, Consumer<Boolean> answer) {
            if (pager.dropVm(vmId)) {
                loading.keySet().removeIf(key -> key.vmId() == vmId);
                drops.computeIfAbsent(vmId, _ -> new ArrayList<>()).add(answer);
                unansweredDrops.add(answer);
                mark();
            } else {
                answer.accept(false);
            }
        }

        void mark() {
            if (!turnPlanned) {
                turnPlanned = true;
                world.timeline().after(world.network().turnNs(), life, this::endTurn);
            }
        }

        private void endTurn() {
            turnPlanned = false;
            streams.values().forEach(Stream::endTurn);
            sent.forEach(pager::sent);
            sent.clear();
            inflate();
            boolean more = pager.tidy();
            List<Integer> asked = reads;
            reads = new ArrayList<>();
            for (int cell : asked) {
                store.read(key(cell), life, found -> loaded(cell, found));
            }
            if (!writes.isEmpty()) {
                List<SwapStoreModel.Write> batch = writes;
                writes = new ArrayList<>();
                store.write(batch, life, ok -> written(batch, ok));
            }
            if (more) {
                mark();
            }
        }

        private void inflate() {
            List<Inflation> asked = inflations;
            inflations = new ArrayList<>();
            CompressedTier tier = pager.compressed();
            for (Inflation one : asked) {
                boolean ok = !compressor.onceIn(SPOILT_ONE_IN);
                long stamp = tier.isSameFilled(one.row)
                        ? tier.word(one.row)
                        : deflated.getOrDefault(tier.firstBlock(one.row), 0L);
                ok &= World.crcOf(stamp) == pager.checksum(one.cell);
                world.tally().count("inflations", ok ? "whole" : "spoilt");
                if (ok) {
                    cells[one.cell] = stamp;
                }
                pager.inflated(one.cell, one.row, ok);
            }
        }

        private void loaded(int cell, SwapStoreModel.Found found) {
            mark();
            loading.remove(key(cell), cell);
            if (found.result() == LoadResult.DATA || found.result() == LoadResult.ZERO) {
                cells[cell] = found.stamp();
            }
            world.tally().count("loads", found.result().name());
            pager.loaded(cell, found.result(), World.crcOf(found.stamp()));
        }

        private void written(List<SwapStoreModel.Write> batch, boolean ok) {
            mark();
            for (SwapStoreModel.Write write : batch) {
                switch (write) {
                    case SwapStoreModel.Put put -> pager.stored(put.cell(), ok);
                    case SwapStoreModel.Delete _ -> deletesInFlight--;
                    case SwapStoreModel.DropVm drop -> {
                        if (drop.whenDone() != null) {
                            drop.whenDone().accept(ok);
                        }
                    }
                }
            }
        }

        @Override
        public void answerData(int stream, long requestId, Tier tier, int cell) {
            Stream asker = streams.get(stream);
            if (asker == null) {
                sent.add(cell);
            } else {
                asker.answers.add(new Answer(new PageReply(PageReply.Kind.DATA, requestId, tier, 0), cell));
            }
            mark();
        }

        @Override
        public void answer(int stream, long requestId, PageAnswer answer, Tier tier) {
            Stream asker = streams.get(stream);
            world.tally().count("page answers", answer.name());
            if (asker != null) {
                PageReply.Kind kind = PageReply.Kind.valueOf(answer.name());
                asker.answers.add(new Answer(new PageReply(kind, requestId, tier, 0), -1));
            }
            mark();
        }

        @Override
        public void load(int cell) {
            if (loading.put(key(cell), cell) != null) {
                throw new InvariantViolation(Invariant.P4, "pager: a second load of " + key(cell));
            }
            reads.add(cell);
        }

        @Override
        public void store(int cell) {
            writes.add(new SwapStoreModel.Put(
                    cell, key(cell), () -> cells[cell], pager.checksum(cell), pager.isZero(cell)));
        }

        @Override
        public void deflate(int cell, int row) {
            world.timeline().after(compressor.between(1, DEFLATE_MOST_NS), life, () -> {
                mark();
                int lengthBytes =
                        (int) compressor.between(1, pager.pageSize(cell).bytes());
                if (compressor.onceIn(8)) {
                    pager.sameFilled(cell, row, cells[cell]);
                } else {
                    deflated.put(pager.compressed().firstBlock(row), cells[cell]);
                    pager.deflated(cell, row, lengthBytes);
                }
            });
        }

        @Override
        public void inflate(int cell, int row) {
            inflations.add(new Inflation(cell, row));
        }

        @Override
        public void delete(long vmId, long gfn, long version) {
            if (deletesInFlight < world.limits().deletesMax()) {
                deletesInFlight++;
                writes.add(new SwapStoreModel.Delete(new StoreKey(vmId, gfn, version)));
            } else {
                world.tally().count("page answers", "deletes dropped");
            }
        }

        @Override
        public void dropVm(long vmId, long pagesDropped) {
            List<Consumer<Boolean>> waiting = drops.remove(vmId);
            writes.add(new SwapStoreModel.DropVm(vmId, ok -> {
                for (Consumer<Boolean> answer : waiting == null ? List.<Consumer<Boolean>>of() : waiting) {
                    unansweredDrops.remove(answer);
                    answer.accept(ok);
                }
            }));
        }

        @Override
        public void makePolicy(PolicyKind kind) {
            world.timeline().after(world.network().turnNs(), life, () -> {
                mark();
                world.tally().count("policies", kind.name());
                pager.policyMade(kind, pager.newPolicy(kind));
            });
        }

        private StoreKey key(int cell) {
            return new StoreKey(pager.vmId(cell), pager.gfn(cell), pager.version(cell));
        }

        private void take(Stream stream, PageAsk ask) {
            switch (ask.kind()) {
                case FETCH ->
                    pager.fetch(stream.number, ask.requestId(), ask.vmId(), ask.gfn(), ask.version(), ask.size());
                case STORE -> {
                    int cell = pager.beginStore(
                            stream.number, ask.requestId(), ask.vmId(), ask.gfn(), ask.version(), ask.size());
                    if (cell >= 0) {
                        cells[cell] = ask.stamp();
                        pager.commitStore(
                                stream.number, ask.requestId(), cell, World.crcOf(ask.stamp()), ask.stamp() == 0);
                    }
                }
                case DISCARD -> {
                    loading.remove(new StoreKey(ask.vmId(), ask.gfn(), ask.version()));
                    pager.discard(ask.vmId(), ask.gfn(), ask.version());
                }
                case PREFETCH -> pager.prefetch(ask.vmId(), ask.gfn(), ask.version(), ask.size());
            }
            mark();
        }

        /** A row's page on its way into a cell. */
        private record Inflation(int cell, int row) {}

        /** A reply, and the cell whose bytes go with it when it is sent; -1 for none. */
        private record Answer(PageReply reply, int cell) {}

        /** One fault plane's stream. */
        private final class Stream implements Connection.Session<PageAsk> {
            private final int number;
            private final Connection<PageAsk, PageReply> connection;
            private final List<Answer> answers = new ArrayList<>();

            Stream(int number, Connection<PageAsk, PageReply> connection) {
                this.number = number;
                this.connection = connection;
            }

            @Override
            public void received(List<PageAsk> asks) {
                for (PageAsk ask : asks) {
                    world.journal().note("pager: " + ask);
                    world.taps().asksIn.pass(ask, passed -> take(this, passed));
                }
            }

            @Override
            public void ended() {
                streams.remove(number);
                answers.stream().filter(answer -> answer.cell >= 0).forEach(answer -> sent.add(answer.cell));
                mark();
            }

            /* Bytes are read when they are sent, as from the slab. */
            void endTurn() {
                for (Answer answer : answers) {
                    PageReply reply = answer.reply;
                    if (answer.cell >= 0) {
                        reply = new PageReply(reply.kind(), reply.requestId(), reply.tier(), cells[answer.cell]);
                        sent.add(answer.cell);
                    }
                    world.taps().repliesOut.pass(reply, connection.down()::send);
                }
                answers.clear();
            }
        }
    }
}
