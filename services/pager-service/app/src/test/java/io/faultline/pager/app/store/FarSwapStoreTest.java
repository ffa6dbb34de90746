// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.pager.domain.LoadResult;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A store that is further away is still what every store is; only its answers come later. */
class FarSwapStoreTest extends SwapStoreContract<FarSwapStore> {
    private static final Duration LATENCY = Duration.ofMillis(5);
    private static final int READS = 64;

    private InMemorySwapStore near = new InMemorySwapStore(1 << 20, new PlainEnvelope());

    @Override
    protected FarSwapStore open(Envelope envelope) {
        near = new InMemorySwapStore(1 << 20, envelope);
        return new FarSwapStore(near, LATENCY);
    }

    @Override
    protected byte[] value(StoreKey key) {
        return near.value(key);
    }

    @Override
    protected void setValue(StoreKey key, byte[] value) {
        near.setValue(key, value);
    }

    @Test
    void noAnswerComesSoonerThanTheLatency() throws Exception {
        StoreKey key = new StoreKey(1, 1, 1);
        long beganNs = System.nanoTime();
        put(key, randomPage(4096));
        long putNs = System.nanoTime();
        assertThat(read(key, page(4096))).isEqualTo(LoadResult.DATA);

        assertThat(putNs - beganNs).isGreaterThanOrEqualTo(LATENCY.toNanos());
        assertThat(System.nanoTime() - putNs).isGreaterThanOrEqualTo(LATENCY.toNanos());
    }

    /** Distance is not a queue: what is asked for together does not wait for each other. */
    @Test
    void manyAreUnderWayAtATime() throws Exception {
        MemorySegment page = randomPage(4096);
        put(new StoreKey(1, 1, 1), page);
        LinkedBlockingQueue<PageReads> answered = new LinkedBlockingQueue<>();
        List<PageReads> asked = new ArrayList<>();
        for (int i = 0; i < READS; i++) {
            PageReads reads = new PageReads(answered::add);
            reads.add(i, new StoreKey(1, 1, 1), page(4096));
            asked.add(reads);
        }

        long beganNs = System.nanoTime();
        asked.forEach(store::read);
        for (int i = 0; i < READS; i++) {
            PageReads reads = answered.poll(10, TimeUnit.SECONDS);
            assertThat(reads).isNotNull();
            assertThat(reads.result(0)).isEqualTo(LoadResult.DATA);
        }

        assertThat(System.nanoTime() - beganNs).isLessThan(READS * LATENCY.toNanos());
    }
}
