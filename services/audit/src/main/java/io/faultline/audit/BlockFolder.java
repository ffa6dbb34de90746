// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

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
        /** Takes a block; {@code block} is still open and says what is in it, {@code value} is its bytes. */
        void send(BlockEncoder block, byte[] value);
    }

    /** More VMs than this in one look at the ring close each other's blocks early: it bounds the memory. */
    private static final int OPEN_BLOCKS_MAX = 64;

    private final AuditRing ring;
    private final String source;
    private final long incarnation;
    private final LongSupplier droppedTotal;
    private final Sink sink;
    private final StepRecord step = new StepRecord();
    private final Map<Long, BlockEncoder> open = new HashMap<>();
    private final ArrayDeque<BlockEncoder> spare = new ArrayDeque<>();
    private @Nullable BlockEncoder current;
    private long lastVm;
    private long announced;

    BlockFolder(AuditRing ring, String source, long incarnation, LongSupplier droppedTotal, Sink sink) {
        this.ring = ring;
        this.source = source;
        this.incarnation = incarnation;
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
            block = spare.isEmpty() ? new BlockEncoder(source, incarnation) : spare.pop();
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
        sink.send(block, block.finish(announced));
    }
}
