// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.redis;

import io.faultline.pager.app.store.Envelope;
import io.faultline.pager.app.store.PageWrites;
import io.faultline.pager.app.store.StoreThreads;
import io.faultline.pager.app.store.SwapStoreException;
import io.faultline.telemetry.RareLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;

/**
 * Keeps writes in their order: those to a page follow each other on one connection; a VM is dropped after every write
 * that was under way, and writes to it that were asked for since wait for that. Any thread but the service's loop.
 */
final class RedisWriter {
    private static final int WAITING_MAX = 8_192;
    private static final int DROPS_MAX = 64;

    private final Envelope envelope;
    private final RedisNodes nodes;
    private final RedisSender sender;
    private final RedisDrops drops;
    private final RareLog failures;
    private final StoreThreads dropper = new StoreThreads("pager-store-dropper", 1, DROPS_MAX);
    /** For each VM that is being dropped, what was asked for since, in order. */
    private final Map<Long, List<Waiting>> waiting = new HashMap<>();

    private int waitingCount;

    RedisWriter(Envelope envelope, RedisNodes nodes, RedisSender sender, RedisDrops drops, RareLog failures) {
        this.envelope = envelope;
        this.nodes = nodes;
        this.sender = sender;
        this.drops = drops;
        this.failures = failures;
    }

    /** Carries out a batch and answers it in parts. */
    synchronized void write(PageWrites batch) {
        List<PageWrites.PageWrite> ready = new ArrayList<>();
        for (PageWrites.Write write : batch.all()) {
            List<Waiting> queue = waiting.isEmpty() ? null : waiting.get(vmId(write));
            if (queue != null) {
                await(queue, new Waiting(batch, write));
            } else if (write instanceof PageWrites.PageWrite pageWrite) {
                ready.add(pageWrite);
            } else if (write instanceof PageWrites.DropVm drop) {
                send(batch, ready);
                ready = new ArrayList<>();
                begin(batch, drop);
            }
        }
        send(batch, ready);
    }

    private static long vmId(PageWrites.Write write) {
        return switch (write) {
            case PageWrites.PageWrite pageWrite -> pageWrite.key().vmId();
            case PageWrites.DropVm drop -> drop.vmId();
        };
    }

    private void await(List<Waiting> queue, Waiting write) {
        if (waitingCount == WAITING_MAX) {
            failures.warn("swap store: too many writes wait for the end of a VM, stores are UNAVAILABLE", null);
            write.refuse();
            return;
        }
        waitingCount++;
        queue.add(write);
    }

    private void send(PageWrites batch, List<PageWrites.PageWrite> writes) {
        Map<RedisNode, List<PageWrites.PageWrite>> byNode = new LinkedHashMap<>();
        List<PageWrites.PageWrite> homeless = new ArrayList<>();
        for (PageWrites.PageWrite write : writes) {
            RedisNode node = nodes.ofSlot(RedisExtent.of(write.key()).slot());
            (node == null ? homeless : byNode.computeIfAbsent(node, _ -> new ArrayList<>())).add(write);
        }
        byNode.forEach((node, ofNode) -> {
            RedisWriteGroup group = new RedisWriteGroup(batch, ofNode, envelope);
            sender.send(node, group, group.calls());
        });
        if (!homeless.isEmpty()) {
            nodes.refreshSoon();
            batch.part(homeless).answer(false);
        }
    }

    private void begin(PageWrites batch, PageWrites.DropVm drop) {
        waiting.put(drop.vmId(), new ArrayList<>());
        List<RedisGroup> before = sender.underWay();
        try {
            dropper.execute(() -> {
                boolean ok = false;
                try {
                    before.forEach(group -> group.end().join());
                    ok = tryDrop(drop.vmId());
                } finally {
                    batch.part(List.of(drop)).answer(ok);
                    end(drop.vmId());
                }
            });
        } catch (RejectedExecutionException e) {
            failures.warn("swap store: too many VMs are being dropped, or it is closed: a VM is not dropped", e);
            batch.part(List.of(drop)).answer(false);
            end(drop.vmId());
        }
    }

    private boolean tryDrop(long vmId) {
        try {
            drops.drop(vmId);
            return true;
        } catch (SwapStoreException e) {
            failures.warn("swap store: a VM is not dropped: " + e.getMessage(), null);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    private synchronized void end(long vmId) {
        List<Waiting> queue = waiting.remove(vmId);
        for (Waiting write : queue == null ? List.<Waiting>of() : queue) {
            waitingCount--;
            write(write.batch().part(List.of(write.write())));
        }
    }

    /** Waits until the VMs that are being dropped are; whether that took less than so long. */
    boolean drain(Duration timeout) {
        return dropper.drain(timeout);
    }

    /** A write that waits for its VM to be dropped, and the batch it came with. */
    private record Waiting(PageWrites batch, PageWrites.Write write) {
        void refuse() {
            batch.part(List.of(write)).answer(false);
        }
    }
}
