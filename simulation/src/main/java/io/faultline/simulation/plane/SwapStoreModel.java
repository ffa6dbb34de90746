// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.plane;

import io.faultline.pager.domain.LoadResult;
import io.faultline.simulation.engine.Life;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The swap store, which outlives its pagers: slow, failing and harmful as it is told. Writes take effect one after the other,
 * all of a batch or none; a batch that failed may have taken effect all the same. One thread.
 */
public final class SwapStoreModel {
    private static final long US = 1_000;
    private static final long MS = 1_000_000;

    private final World world;
    private final Map<StoreKey, Value> pages = new LinkedHashMap<>();
    private final Set<StoreKey> harmed = new HashSet<>();
    private long writesFreeAtNs;
    private boolean failing;
    private boolean slow;
    private boolean crawling;

    /** An empty store. */
    public SwapStoreModel(World world) {
        this.world = world;
    }

    /** From now on everything fails, or not. */
    public void failing(boolean on) {
        failing = on;
    }

    /** From now on everything takes long, or not. */
    public void slow(boolean on) {
        slow = on;
        crawling &= on;
    }

    /** From now on a read takes seconds, until the store is told not to be slow. */
    public void crawl() {
        crawling = true;
    }

    /** Pages that it holds. */
    public int size() {
        return pages.size();
    }

    /** Loses, garbles or mixes up one page; false when there is none. */
    public boolean harm() {
        if (pages.isEmpty()) {
            return false;
        }
        StoreKey key = anyKey();
        harmed.add(key);
        String how;
        switch (world.chance().below(3)) {
            case 0 -> {
                how = "lost";
                pages.remove(key);
            }
            case 1 -> {
                how = "garbled";
                pages.computeIfPresent(key, (_, value) -> new Value(value.stamp, value.crc, value.isZero, true));
            }
            default -> {
                how = "mixed up";
                Value other = pages.get(anyKey());
                if (other != null) {
                    pages.put(key, other);
                }
            }
        }
        world.journal().note("swap store: " + how + " " + key);
        world.tally().count("store", "pages " + how);
        return true;
    }

    /** One of the pages that it holds; there must be one. */
    StoreKey anyKey() {
        List<StoreKey> keys = new ArrayList<>(pages.keySet());
        return keys.get(world.chance().below(keys.size()));
    }

    /** Whether it holds a page. */
    boolean has(long vmId, long gfn, long version) {
        return pages.containsKey(new StoreKey(vmId, gfn, version));
    }

    /** Whether a page's copy was ever harmed. */
    boolean isHarmed(long vmId, long gfn, long version) {
        return harmed.contains(new StoreKey(vmId, gfn, version));
    }

    /** Reads a page; the answer comes to {@code reader} while that process lives. */
    void read(StoreKey key, Life reader, Consumer<Found> answer) {
        long takesNs = crawling ? world.chance().between(3_000 * MS, 5_000 * MS) : delayNs();
        world.timeline().after(takesNs, reader, () -> {
            Value value = pages.get(key);
            if (failing) {
                world.tally().count("store", "reads failed");
                answer.accept(new Found(LoadResult.UNAVAILABLE, 0));
            } else if (value == null) {
                answer.accept(new Found(LoadResult.ABSENT, 0));
            } else if (value.garbled || (!value.isZero && World.crcOf(value.stamp) != value.crc)) {
                answer.accept(new Found(LoadResult.CORRUPT, 0));
            } else {
                answer.accept(new Found(value.isZero ? LoadResult.ZERO : LoadResult.DATA, value.stamp));
            }
        });
    }

    /** Carries out a batch of writes; the answer comes while the writing process lives. */
    void write(List<Write> batch, Life writer, Consumer<Boolean> answer) {
        long nowNs = world.nowNs();
        writesFreeAtNs = Math.max(writesFreeAtNs, nowNs) + delayNs();
        world.timeline().after(writesFreeAtNs - nowNs, () -> {
            // What a process handed over before it died may or may not have reached the store.
            if (!writer.isAlive() && world.chance().onceIn(2)) {
                return;
            }
            boolean ok = !failing;
            if (ok || world.chance().onceIn(2)) {
                batch.forEach(this::apply);
            }
            world.tally().count("store", ok ? "writes" : "writes failed");
            world.timeline().after(world.chance().between(0, 100 * US), writer, () -> answer.accept(ok));
        });
    }

    private void apply(Write write) {
        switch (write) {
            case Put put ->
                pages.put(put.key, new Value(put.isZero ? 0 : put.content.getAsLong(), put.crc, put.isZero, false));
            case Delete delete -> pages.remove(delete.key);
            case DropVm drop -> pages.keySet().removeIf(key -> key.vmId() == drop.vmId);
        }
    }

    private long delayNs() {
        return slow ? world.chance().between(10 * MS, 300 * MS) : world.chance().between(50 * US, 2 * MS);
    }

    /** One page as it is kept. */
    private record Value(long stamp, int crc, boolean isZero, boolean garbled) {}

    /** What a read found. */
    record Found(LoadResult result, long stamp) {}

    /** One write of a batch. */
    sealed interface Write permits Put, Delete, DropVm {}

    /** A page; its content is read when the write is carried out, as a store thread does. */
    record Put(int cell, StoreKey key, LongSupplier content, int crc, boolean isZero) implements Write {}

    /** Forgets a page. */
    record Delete(StoreKey key) implements Write {}

    /** Forgets a VM. */
    record DropVm(long vmId, @Nullable Consumer<Boolean> whenDone) implements Write {}
}
