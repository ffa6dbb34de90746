// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import io.faultline.audit.spool.Block;
import io.faultline.audit.spool.Spool;
import io.faultline.audit.spool.SpoolCounts;
import io.faultline.audit.spool.SpoolEntry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;

/**
 * The way with a spool: blocks go to Kafka's producer while the broker keeps up, and otherwise to disk, from where they
 * follow in their order. The publishing thread's.
 */
final class SpoolingBlocks implements Outlet {
    /*
     * What was given to the producer and is not acknowledged stands in "pending", oldest first. Two rules keep the order:
     * a block goes to the producer directly only when nothing in the spool waits to be read; and before a block goes to
     * the spool, everything pending is there. So the spool, read from its oldest unacknowledged entry, is always a trail
     * without a hole, and a silent broker's blocks are safe from the end of the process as soon as the silence is noticed.
     *
     * The producer never gives up by itself: it goes on where it stopped, without doubles. Only when it fails for another
     * reason, or has been silent for minutes, is it replaced, and what it had is sent again as "replayed". A send that it
     * refuses at once, such as while a restarted broker does not know its topics yet, may stand behind others that are still
     * under way: nothing is given to the producer after it, or the refused block would come too late and count as one that
     * was there before.
     */
    private static final long SPILL_AFTER_US = TimeUnit.SECONDS.toMicros(1);
    private static final long REPLACE_AFTER_US = TimeUnit.MINUTES.toMicros(2);
    /** Read back at a time, so that the ring is looked at meanwhile. */
    private static final long DRAIN_BYTES = 1 << 20;

    private final Spool spool;
    private final BrokerLink link;
    private final String topic;
    private final long windowBytes;
    private final LongSupplier clockUs;
    private final BrokerWatch watch;
    private final long incarnation;
    private final Deliveries deliveries = new Deliveries();

    private final ArrayDeque<PendingBlock> pending = new ArrayDeque<>();
    private @Nullable Producer<byte[], byte[]> producer;
    private long pendingBytes;
    /** Blocks in the spool before this place may have reached the broker in another way. */
    private long replayedBefore;

    private boolean silent;
    private boolean refused;
    private volatile long progressUs;
    private volatile boolean waits;

    /**
     * One without a producer yet.
     *
     * @param windowBytes how much is given to the producer without an acknowledgement, below its own buffer
     */
    SpoolingBlocks(
            Spool spool, BrokerLink link, Target target, long windowBytes, LongSupplier clockUs, BrokerWatch watch) {
        this.spool = spool;
        this.link = link;
        this.topic = target.topic;
        this.incarnation = target.incarnation;
        this.windowBytes = windowBytes;
        this.clockUs = clockUs;
        this.watch = watch;
        this.replayedBefore = spool.nextSequence();
        this.progressUs = clockUs.getAsLong();
        this.waits = spool.hasUnread();
    }

    /** Which topic the blocks go to, and which incarnation's steps are this life's. */
    record Target(String topic, long incarnation) {}

    @Override
    public void send(Block block) {
        settle();
        if (mayBeDirect(block) && !silent) {
            hand(block, PendingBlock.NOT_SPOOLED, false);
        } else if (!(spill() && spool.append(block, clockUs.getAsLong()))) {
            // The spool takes nothing. As without one, what fits waits in memory; the rest is lost.
            if (mayBeDirect(block)) {
                hand(block, PendingBlock.NOT_SPOOLED, false);
            } else {
                deliveries.dropped(block.steps());
            }
        }
    }

    private boolean mayBeDirect(Block block) {
        return producer != null && !refused && !spool.hasUnread() && hasRoom(block);
    }

    private boolean hasRoom(Block block) {
        return pending.isEmpty() || pendingBytes + PendingBlock.bytes(block) <= windowBytes;
    }

    private void hand(Block block, long sequence, boolean replayed) {
        Producer<byte[], byte[]> to = producer;
        if (to == null) {
            throw new IllegalStateException("a block without a producer");
        }
        long nowUs = clockUs.getAsLong();
        if (pending.isEmpty()) {
            progressUs = nowUs;
        }
        PendingBlock sent = new PendingBlock(block, sequence, nowUs);
        pending.add(sent);
        pendingBytes += PendingBlock.bytes(block);
        try {
            // The callback gets the failure as well.
            Future<RecordMetadata> _ = to.send(
                    BlockEvents.of(topic, block, replayed),
                    (metadata, failure) -> sent.settle(clockUs.getAsLong(), failure));
        } catch (KafkaException | IllegalStateException e) {
            sent.settle(clockUs.getAsLong(), e);
        }
        refused |= sent.failure() != null && !(sent.failure() instanceof RecordTooLargeException);
    }

    @Override
    public void look() {
        if (producer == null) {
            producer = link.poll();
            silent = false;
        }
        settle();
        if (!pending.isEmpty()) {
            watchSilence(clockUs.getAsLong() - progressUs);
        }
        drain();
        waits = !pending.isEmpty() || spool.hasUnread();
    }

    /**
     * Replaces the producer: Kafka's client takes its waits from the wall clock, and would gather a batch, or leave a lost
     * connection alone, for as long as the clock was put back.
     */
    @Override
    public void clockWasPutBack() {
        settle();
        if (producer != null && spill()) {
            watch.clockWasPutBack();
            replaceProducer();
        }
    }

    private void watchSilence(long silentUs) {
        if (silentUs >= SPILL_AFTER_US) {
            silent = true;
            boolean isSafe = spill();
            watch.waitingFor(TimeUnit.MICROSECONDS.toMillis(silentUs));
            if (isSafe && silentUs >= REPLACE_AFTER_US) {
                replaceProducer();
            }
        }
    }

    /** Takes note of what became of the oldest blocks. */
    private void settle() {
        for (PendingBlock first = pending.peek(); first != null && first.isSettled(); first = pending.peek()) {
            Exception failure = first.failure();
            if (failure == null) {
                remove(first);
                int own = first.block.life().incarnation() == incarnation ? first.block.steps() : 0;
                deliveries.acknowledged(own, first.block.firstUs(), first.sentUs, first.settledUs());
                watch.answered();
            } else if (failure instanceof RecordTooLargeException) {
                // It would fail again, and hold up all that follows.
                remove(first);
                watch.failed(deliveries.dropped(first.block.steps()), failure);
            } else {
                watch.refused(failure);
                replaceProducer();
            }
        }
    }

    private void remove(PendingBlock first) {
        pending.remove();
        pendingBytes -= PendingBlock.bytes(first.block);
        progressUs = clockUs.getAsLong();
        silent = false;
        if (first.isSpooled()) {
            spool.acknowledge(first.sequence, first.block.steps(), first.block.firstUs());
        }
    }

    /** Writes to disk what is in the producer's memory only; false if that has no room for all of it. */
    private boolean spill() {
        Iterator<PendingBlock> newest = pending.descendingIterator();
        int unspooled = 0;
        while (newest.hasNext() && !newest.next().isSpooled()) {
            unspooled++;
        }
        int position = 0;
        for (PendingBlock each : pending) {
            if (position++ >= pending.size() - unspooled && !each.isAcknowledged()) {
                long sequence = spool.nextSequence();
                if (!spool.append(each.block, clockUs.getAsLong())) {
                    return false;
                }
                spool.skip();
                each.sequence = sequence;
            }
        }
        return true;
    }

    /** What finds no room on disk will be in memory no more. */
    private void spillOrDrop() {
        if (!spill()) {
            pending.stream()
                    .filter(each -> !each.isSpooled() && !each.isAcknowledged())
                    .forEach(each -> deliveries.dropped(each.block.steps()));
        }
    }

    private void replaceProducer() {
        spillOrDrop();
        pending.clear();
        pendingBytes = 0;
        refused = false;
        spool.rewind();
        replayedBefore = spool.nextSequence();
        Producer<byte[], byte[]> old = producer;
        producer = null;
        if (old != null) {
            link.replace(old);
        }
    }

    private void drain() {
        long bytes = 0;
        while (producer != null
                && !silent
                && !refused
                && bytes < DRAIN_BYTES
                && pendingBytes < windowBytes
                && spool.hasUnread()) {
            SpoolEntry entry = spool.next();
            if (entry != null) {
                bytes += PendingBlock.bytes(entry.block());
                hand(entry.block(), entry.sequence(), entry.sequence() < replayedBefore);
            }
        }
    }

    /** Sends what waits, while the broker answers and the time lasts; the rest stays on disk for the next start. */
    @Override
    public void close(Duration timeout) {
        long endUs = clockUs.getAsLong() + TimeUnit.NANOSECONDS.toMicros(timeout.toNanos());
        look();
        while (waits && producer != null && !silent && clockUs.getAsLong() < endUs) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            look();
        }
        spillOrDrop();
        Producer<byte[], byte[]> last = producer;
        if (last != null) {
            last.close(Duration.ZERO);
        }
        link.close();
        spool.close();
    }

    @Override
    public Deliveries deliveries() {
        return deliveries;
    }

    @Override
    public SpoolCounts spool() {
        return spool;
    }

    @Override
    public long droppedSteps() {
        return deliveries.droppedSteps() + spool.lostSteps();
    }

    @Override
    public long lagUs() {
        long silentUs = waits ? clockUs.getAsLong() - progressUs : 0;
        return Math.max(deliveries.lastLagUs(), silentUs);
    }
}
