// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import io.faultline.audit.spool.Block;
import io.faultline.audit.spool.Life;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Folds the steps of the ring into blocks, one open block for each VM, so that a VM's steps keep their order and a
 * record carries many. Owned by the publishing thread.
 */
final class BlockFolder {
    /** Where finished blocks go. */
    @FunctionalInterface
    interface Sink {
        /** Takes a block. */
        void send(Block block);
    }

    /** More VMs than this in one look at the ring close each other's blocks early: it bounds the memory. */
    private static final int OPEN_BLOCKS_MAX = 64;

    private final AuditRing ring;
    private final Life life;
    private final LongSupplier droppedTotal;
    private final LongSupplier clockUs;
    private final Sink sink;
    private final StepRecord step = new StepRecord();
    private final Map<Long, BlockEncoder> open = new HashMap<>();
    private final ArrayDeque<BlockEncoder> spare = new ArrayDeque<>();
    private @Nullable BlockEncoder current;
    private long lastVm;
    private long announced;
    private long blocks;

    /**
     * One that has folded nothing.
     *
     * @param clockUs the time, microseconds since the Unix epoch
     * @param droppedTotal how many steps were dropped so far
     */
    BlockFolder(AuditRing ring, Life life, LongSupplier clockUs, LongSupplier droppedTotal, Sink sink) {
        this.ring = ring;
        this.life = life;
        this.clockUs = clockUs;
        this.droppedTotal = droppedTotal;
        this.sink = sink;
    }

    /** Sends what the ring holds, a ring's worth at most, and closes every block; the number of steps. */
    int drain() {
        int drained = 0;
        while (drained < ring.capacity() && ring.poll(step)) {
            BlockEncoder block = blockOf(step.vmId);
            block.add(step);
            if (block.isFull()) {
                send(block);
                block.open(step.vmId);
            }
            drained++;
        }
        sendAll();
        announceDrops();
        return drained;
    }

    private BlockEncoder blockOf(long vmId) {
        BlockEncoder block = current;
        if (block != null && block.vmId() == vmId) {
            return block;
        }
        block = open.get(vmId);
        if (block == null) {
            if (open.size() == OPEN_BLOCKS_MAX) {
                sendAll();
            }
            block = spare.isEmpty() ? new BlockEncoder(life.source(), life.incarnation()) : spare.pop();
            block.open(vmId);
            open.put(vmId, block);
        }
        current = block;
        lastVm = vmId;
        return block;
    }

    private void sendAll() {
        List<BlockEncoder> blocks = new ArrayList<>(open.values());
        open.clear();
        current = null;
        for (BlockEncoder block : blocks) {
            if (block.steps() > 0) {
                send(block);
            }
            spare.push(block);
        }
    }

    /** A drop that no later step's block would tell of goes out in a block of its own, without steps. */
    private void announceDrops() {
        if (droppedTotal.getAsLong() != announced) {
            BlockEncoder block = blockOf(lastVm);
            send(block);
            open.clear();
            current = null;
            spare.push(block);
        }
    }

    private void send(BlockEncoder block) {
        announced = droppedTotal.getAsLong();
        long number = ++blocks;
        long firstUs = block.steps() > 0 ? block.firstUs() : clockUs.getAsLong();
        sink.send(new Block(life, number, block.vmId(), firstUs, block.steps(), block.finish(number, announced)));
    }
}
