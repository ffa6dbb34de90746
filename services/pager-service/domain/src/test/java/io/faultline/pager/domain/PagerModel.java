// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.PageSize;
import io.faultline.model.Tier;
import io.faultline.pager.domain.eviction.PolicyKind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * The world around a pager, on plain collections: memory, a swap store that takes writes in order and answers reads in
 * any, a compressor that takes its time and sometimes spoils a page, and clients that know what they must be told. Bytes are one number a page, which follows from its name. As
 * vcpu-service does, a frame gets a new version once its page was discarded.
 */
final class PagerModel implements PagerEffects {
    private static final PageSize SIZE = PageSize.SIZE_4K;
    private static final int STREAM = 1;
    private static final List<PolicyKind> KINDS = List.of(PolicyKind.values());

    private static final int FRAMES = 600;
    private static final int VMS = 3;

    private final Random random;
    private final Pager pager;
    private final long[] versions = new long[FRAMES];
    private final Map<Integer, Long> memory = new HashMap<>();
    private final Map<Name, Long> store = new HashMap<>();
    private final ArrayDeque<Runnable> writes = new ArrayDeque<>();
    private final List<Integer> loads = new ArrayList<>();
    private final Map<Integer, Long> blocks = new HashMap<>();
    private final List<Squeeze> deflations = new ArrayList<>();
    private final List<Squeeze> inflations = new ArrayList<>();
    private final List<PolicyKind> policies = new ArrayList<>();
    private final Map<Long, Ask> asks = new HashMap<>();
    private final List<Sending> sendings = new ArrayList<>();
    private final Set<Name> kept = new HashSet<>();
    private long nextRequestId;
    private boolean foresees;
    long answered;

    PagerModel(Random random, PagerLimits limits) {
        this.random = random;
        pager = new Pager(limits, new DramPolicy(PolicyKind.W_TINYLFU, true, 256), this);
    }

    /** From now on each fetch is foreseen, in the middle of a hundred others. */
    void foresee() {
        foresees = true;
    }

    /** A page's name. */
    record Name(long vmId, long gfn, long version) {
        long content() {
            return vmId * 31 + gfn * 1_000_003 + version * 7;
        }

        int checksum() {
            return (int) content();
        }
    }

    /** A request without an answer yet. */
    private static final class Ask {
        final Name name;
        final boolean isStore;
        boolean mustBeFound;

        Ask(Name name, boolean isStore, boolean mustBeFound) {
            this.name = name;
            this.isStore = isStore;
            this.mustBeFound = mustBeFound;
        }
    }

    /** A page on its way into or out of the blocks of a row. */
    private record Squeeze(int cell, int row, List<Integer> blocks, Name name) {}

    /** An answer whose bytes are not copied out yet. */
    private record Sending(int cell, Name name) {}

    void step() {
        int frame = random.nextInt(FRAMES);
        Name name = name(frame);
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4 -> fetch(name);
            case 5, 6, 7 -> storePage(name);
            case 8 -> discard(frame);
            case 9 -> pager.prefetch(name.vmId, name.gfn, name.version, SIZE);
            case 10, 11, 12, 13 -> answerWrite();
            case 14, 15 -> answerLoad();
            case 16 -> sometimes(this::send);
            case 17 -> sometimes(this::deflated);
            case 18 -> sometimes(this::inflated);
            default -> {
                if (random.nextInt(300) == 0) {
                    pager.switchPolicy(KINDS.get(random.nextInt(KINDS.size())));
                } else if (random.nextInt(3) == 0) {
                    makePolicies();
                } else if (random.nextInt(1000) == 0) {
                    dropVm(name.vmId);
                } else {
                    fetchDiscarded(frame);
                }
            }
        }
        if (random.nextInt(4) == 0) {
            pager.tidy();
        }
    }

    private void sometimes(Runnable what) {
        for (int times = random.nextInt(16); times > 0; times--) {
            what.run();
        }
    }

    private void makePolicies() {
        for (PolicyKind kind : policies) {
            pager.policyMade(kind, pager.newPolicy(kind));
        }
        policies.clear();
    }

    /** Lets everything that is under way end. */
    void settle() {
        do {
            while (!loads.isEmpty()) {
                answerLoad();
            }
            while (!writes.isEmpty()) {
                answerWrite();
            }
            while (!sendings.isEmpty()) {
                send();
            }
            while (!deflations.isEmpty()) {
                deflated();
            }
            while (!inflations.isEmpty()) {
                inflated();
            }
            makePolicies();
        } while (pager.tidy() || !writes.isEmpty() || !loads.isEmpty() || !deflations.isEmpty());
        assertThat(asks).isEmpty();
    }

    /** Forgets all pages: none may stay anywhere, nor any memory in use. */
    void forgetAll() {
        for (int frame = 0; frame < FRAMES; frame++) {
            discard(frame);
        }
        settle();
        assertThat(store).isEmpty();
        for (int vmId = 1; vmId <= VMS; vmId++) {
            dropVm(vmId);
        }
        settle();
        PagerStats.Prefetch prefetch = pager.stats().prefetch();
        assertThat(prefetch.used() + prefetch.late() + prefetch.wasted())
                .as("ends of %s", prefetch)
                .isEqualTo(prefetch.issued());
        assertThat(pager.stats().dram().bytes()).isZero();
        assertThat(pager.stats().dram().pages()).isZero();
        assertThat(pager.stats().compressed().bytes()).isZero();
        assertThat(pager.stats().compressed().pages()).isZero();
    }

    PagerStats stats() {
        return pager.stats();
    }

    private void fetch(Name name) {
        long id = nextRequestId++;
        asks.put(id, new Ask(name, false, kept.contains(name)));
        for (long gfn = name.gfn - 50; foresees && gfn < name.gfn + 50; gfn++) {
            pager.foresight().expect(name.vmId, gfn, name.version);
        }
        pager.foresight().touch();
        pager.fetch(STREAM, id, name.vmId, name.gfn, name.version, SIZE);
    }

    private void storePage(Name name) {
        long id = nextRequestId++;
        asks.put(id, new Ask(name, true, false));
        int cell = pager.beginStore(STREAM, id, name.vmId, name.gfn, name.version, SIZE);
        if (cell >= 0) {
            memory.put(cell, name.content());
            pager.commitStore(STREAM, id, cell, name.checksum(), false);
        }
    }

    private Name name(int frame) {
        return new Name(1 + frame % VMS, frame / VMS, versions[frame]);
    }

    private static int frameOf(Name name) {
        return (int) (name.gfn * VMS + name.vmId - 1);
    }

    private void fetchDiscarded(int frame) {
        if (versions[frame] > 0) {
            versions[frame]--;
            fetch(name(frame));
            versions[frame]++;
        }
    }

    private void discard(int frame) {
        Name name = name(frame);
        forget(frame);
        pager.discard(name.vmId, name.gfn, name.version);
    }

    private void dropVm(long vmId) {
        if (pager.dropVm(vmId)) {
            for (int frame = 0; frame < FRAMES; frame++) {
                if (name(frame).vmId == vmId) {
                    forget(frame);
                }
            }
        }
    }

    /** From now on the page may be absent, and no promise about it holds. */
    private void forget(int frame) {
        Name name = name(frame);
        kept.remove(name);
        asks.values().stream().filter(ask -> ask.name.equals(name)).forEach(ask -> ask.mustBeFound = false);
        versions[frame]++;
    }

    private void answerWrite() {
        Runnable write = writes.poll();
        if (write != null) {
            write.run();
        }
    }

    private void answerLoad() {
        if (loads.isEmpty()) {
            return;
        }
        int cell = loads.remove(/* index */ random.nextInt(loads.size()));
        Name name = nameOf(cell);
        Long content = store.get(name);
        if (random.nextInt(20) == 0) {
            pager.loaded(cell, LoadResult.UNAVAILABLE, 0);
        } else if (content == null) {
            pager.loaded(cell, LoadResult.ABSENT, 0);
        } else {
            memory.put(cell, content);
            pager.loaded(cell, LoadResult.DATA, name.checksum());
        }
    }

    private void send() {
        if (!sendings.isEmpty()) {
            Sending sending = sendings.remove(/* index */ random.nextInt(sendings.size()));
            assertThat(memory).containsEntry(sending.cell, sending.name.content());
            pager.sent(sending.cell);
        }
    }

    private void deflated() {
        if (deflations.isEmpty()) {
            return;
        }
        Squeeze squeeze = deflations.remove(/* index */ random.nextInt(deflations.size()));
        assertThat(memory).containsEntry(squeeze.cell, squeeze.name.content());
        int lengthBytes = 1 + random.nextInt(SIZE.bytes());
        if (random.nextInt(8) == 0) {
            pager.sameFilled(squeeze.cell, squeeze.row, squeeze.name.content());
            return;
        }
        int needed = Math.ceilDiv(lengthBytes, CompressedTier.BLOCK_BYTES);
        for (int i = 0; i < needed && needed <= squeeze.blocks.size(); i++) {
            blocks.put(squeeze.blocks.get(i), squeeze.name.content() + i);
        }
        pager.deflated(squeeze.cell, squeeze.row, lengthBytes);
    }

    private void inflated() {
        if (inflations.isEmpty()) {
            return;
        }
        Squeeze squeeze = inflations.remove(/* index */ random.nextInt(inflations.size()));
        CompressedTier tier = pager.compressed();
        assertThat(pager.checksum(squeeze.cell)).isEqualTo(squeeze.name.checksum());
        if (tier.isSameFilled(squeeze.row)) {
            assertThat(tier.word(squeeze.row)).isEqualTo(squeeze.name.content());
        } else {
            int needed = Math.ceilDiv(tier.lengthBytes(squeeze.row), CompressedTier.BLOCK_BYTES);
            assertThat(squeeze.blocks).hasSize(needed);
            for (int i = 0; i < needed; i++) {
                assertThat(blocks).containsEntry(squeeze.blocks.get(i), squeeze.name.content() + i);
            }
        }
        boolean isSpoilt = random.nextInt(20) == 0;
        memory.put(squeeze.cell, isSpoilt ? -1 : squeeze.name.content());
        pager.inflated(squeeze.cell, squeeze.row, !isSpoilt);
    }

    private Squeeze squeezeOf(int cell, int row) {
        List<Integer> chain = new ArrayList<>();
        if (!pager.compressed().isSameFilled(row)) {
            for (int block = pager.compressed().firstBlock(row);
                    block >= 0;
                    block = pager.compressed().nextBlock(block)) {
                chain.add(block);
            }
        }
        return new Squeeze(cell, row, chain, nameOf(cell));
    }

    private Name nameOf(int cell) {
        return new Name(pager.vmId(cell), pager.gfn(cell), pager.version(cell));
    }

    private Ask answerTo(long requestId) {
        Ask ask = asks.remove(requestId);
        if (ask == null) {
            throw new AssertionError("request " + requestId + " was answered already");
        }
        answered++;
        return ask;
    }

    @Override
    public void answerData(int stream, long requestId, Tier tier, int cell) {
        Ask ask = answerTo(requestId);
        assertThat(ask.isStore).isFalse();
        assertThat(memory).containsEntry(cell, ask.name.content());
        assertThat(pager.checksum(cell)).isEqualTo(ask.name.checksum());
        sendings.add(new Sending(cell, ask.name));
    }

    @Override
    public void answer(int stream, long requestId, PageAnswer answer, Tier tier) {
        Ask ask = answerTo(requestId);
        switch (answer) {
            case STORED -> {
                assertThat(ask.isStore).isTrue();
                if (name(frameOf(ask.name)).equals(ask.name)) {
                    assertThat(store).containsKey(ask.name);
                    kept.add(ask.name);
                }
            }
            case ABSENT -> assertThat(ask.mustBeFound).as("%s", ask.name).isFalse();
            case UNAVAILABLE -> {}
            case ZERO, CORRUPT -> throw new AssertionError(answer + " was never the truth");
        }
    }

    @Override
    public void load(int cell) {
        loads.add(cell);
    }

    @Override
    public void store(int cell) {
        Name name = nameOf(cell);
        writes.add(() -> {
            boolean ok = random.nextInt(20) != 0;
            if (ok) {
                store.put(name, memory.get(cell));
            }
            pager.stored(cell, ok);
        });
    }

    @Override
    public void deflate(int cell, int row) {
        deflations.add(squeezeOf(cell, row));
    }

    @Override
    public void inflate(int cell, int row) {
        inflations.add(squeezeOf(cell, row));
    }

    @Override
    public void makePolicy(PolicyKind kind) {
        assertThat(policies).isEmpty();
        policies.add(kind);
    }

    @Override
    public void delete(long vmId, long gfn, long version) {
        writes.add(() -> store.remove(new Name(vmId, gfn, version)));
    }

    @Override
    public void dropVm(long vmId, long pagesDropped) {
        writes.add(() -> store.keySet().removeIf(name -> name.vmId == vmId));
    }
}
