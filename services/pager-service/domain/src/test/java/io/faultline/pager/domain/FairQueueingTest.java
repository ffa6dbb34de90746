// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.PageSize;
import io.faultline.pager.domain.eviction.Allocation;
import io.faultline.pager.domain.eviction.PolicyKind;
import org.junit.jupiter.api.Test;

/** What one VM's flood does to another's requests. The swap store is slow: time is the count of its answers. */
class FairQueueingTest {
    private static final long FLOOD = 1;
    private static final long OTHER = 2;
    private static final int LOADS = 4;
    private static final int QUEUED = 10_000;
    private static final int STORES = 64;
    private static final int WAITERS = 12_000;
    private static final int STREAM = 1;

    private final RecordingEffects effects = new RecordingEffects();
    private final Pager pager =
            new Pager(new PagerLimits(64 << 20, 0, LOADS, QUEUED, STORES, WAITERS), PolicyKind.W_TINYLFU, effects);

    private final int[] fetches = new int[4];
    private long nextGfn;

    @Test
    void aFetchWaitsForNoMoreOfAFloodThanTheStoreHasBegunAndOnePage() {
        fetchMany(FLOOD, QUEUED + LOADS, PageSize.SIZE_4K);
        fetchMany(OTHER, 1, PageSize.SIZE_4K);
        assertThat(unavailable()).as("the flood alone fills the queue").isEqualTo(1);
        serve();

        fetchMany(OTHER, 1, PageSize.SIZE_4K);

        assertThat(servedUntil(OTHER)).isLessThanOrEqualTo(LOADS + 1);
    }

    @Test
    void aVmThatFloodsIsRefusedBeforeTheOthersAre() {
        pagesOf(OTHER);
        fetchMany(FLOOD, 2 * QUEUED, PageSize.SIZE_4K);
        assertThat(unavailable()).isEqualTo(QUEUED + QUEUED / 8 - LOADS);

        fetchMany(OTHER, QUEUED / 8, PageSize.SIZE_4K);
        assertThat(unavailable()).isZero();
        fetchMany(OTHER, 1, PageSize.SIZE_4K);
        assertThat(unavailable()).isEqualTo(1);
    }

    @Test
    void aFloodThatTookTheWholeQueueRecedesToItsShare() {
        fetchMany(FLOOD, QUEUED + LOADS, PageSize.SIZE_4K);
        for (int served = 0; served < 2 * QUEUED; served++) {
            serve();
            fetchMany(FLOOD, 1, PageSize.SIZE_4K);
            fetchMany(OTHER, 2, PageSize.SIZE_4K);
        }

        assertThat(waitersOf(OTHER)).isBetween(QUEUED / 2L - LOADS, QUEUED / 2L + LOADS);
        assertThat(waitersOf(FLOOD)).isBetween(QUEUED / 2L - LOADS, QUEUED / 2L + LOADS);
    }

    @Test
    void vmsThatBothQueueAreServedByWeight() {
        fetchMany(FLOOD, 1000, PageSize.SIZE_4K);
        fetchMany(OTHER, 1000, PageSize.SIZE_4K);
        pager.setQuota(OTHER, new VmQuota(3, 0, 0));
        int othersServed = 0;
        for (int served = 0; served < 800; served++) {
            othersServed += serve() == OTHER ? 1 : 0;
        }

        assertThat(othersServed).isBetween(600 - 2 * LOADS, 600 + LOADS);
    }

    @Test
    void largePagesHaveFewerTurns() {
        fetchMany(FLOOD, 200, PageSize.SIZE_64K);
        fetchMany(OTHER, 1000, PageSize.SIZE_4K);
        int othersServed = 0;
        for (int served = 0; served < 170; served++) {
            othersServed += serve() == OTHER ? 1 : 0;
        }

        assertThat(othersServed).isBetween(155, 165);
    }

    @Test
    void prefetchesComeBehindEveryVmsDemand() {
        fetchMany(FLOOD, 100, PageSize.SIZE_4K);
        for (int i = 0; i < 50; i++) {
            pager.prefetch(OTHER, nextGfn++, 1, PageSize.SIZE_4K);
        }
        fetchMany(3, 20, PageSize.SIZE_4K);
        for (int served = 0; served < 120 - LOADS; served++) {
            assertThat(serve()).isNotEqualTo(OTHER);
        }

        for (int served = 0; served < LOADS; served++) {
            serve();
        }
        assertThat(serve()).isEqualTo(OTHER);
    }

    @Test
    void storesOfAFloodLeaveRoomForOthers() {
        pagesOf(OTHER);
        for (int i = 0; i < 2 * STORES; i++) {
            store(FLOOD);
        }
        assertThat(effects.stores).hasSize(1 + STORES - STORES / 8);
        assertThat(pager.stats(FLOOD).refusals().unavailable()).isEqualTo(STORES + STORES / 8);

        for (int i = 0; i < STORES / 8; i++) {
            store(OTHER);
        }

        assertThat(pager.stats(OTHER).refusals().unavailable()).isZero();
    }

    @Test
    void requestsThatJoinAFlightAreBoundedByVmToo() {
        pagesOf(OTHER);
        for (int i = 0; i < 2 * WAITERS; i++) {
            pager.fetch(STREAM, i, FLOOD, 77, 1, PageSize.SIZE_4K);
        }
        assertThat(unavailable()).isEqualTo(WAITERS + WAITERS / 8);

        fetchMany(OTHER, WAITERS / 8, PageSize.SIZE_4K);

        assertThat(unavailable()).isZero();
    }

    @Test
    void queueingAllocatesNothing() {
        fetchMany(FLOOD, 2000, PageSize.SIZE_4K);
        fetchMany(OTHER, 2000, PageSize.SIZE_4K);
        LoadQueue queue = new LoadQueue(4000, load -> 1);
        Tenants tenants = new Tenants();
        churn(queue, tenants);

        long before = Allocation.bytes();
        churn(queue, tenants);

        assertThat(Allocation.bytes() - before).isLessThan(4096);
    }

    private static void churn(LoadQueue queue, Tenants tenants) {
        for (int round = 0; round < 10; round++) {
            for (int load = 0; load < 4000; load++) {
                queue.addDemand(load, tenants.of(1000 + load % 7));
            }
            while (queue.pollDemand() != LoadQueue.NONE) {}
        }
    }

    /** A VM that has a page here. */
    private void pagesOf(long vmId) {
        pager.stored(store(vmId), true);
        effects.answers.clear();
    }

    private int store(long vmId) {
        int cell = pager.beginStore(STREAM, 0, vmId, nextGfn++, 1, PageSize.SIZE_4K);
        if (cell >= 0) {
            pager.commitStore(STREAM, 0, cell, 1, false);
        }
        return cell;
    }

    private void fetchMany(long vmId, int count, PageSize size) {
        for (int i = 0; i < count; i++) {
            pager.fetch((int) vmId, 0, vmId, nextGfn++, 1, size);
            fetches[(int) vmId]++;
        }
    }

    private long unavailable() {
        return effects.takeAnswers().stream()
                .filter(answer -> answer.endsWith("UNAVAILABLE"))
                .count();
    }

    private long waitersOf(long vmId) {
        return fetches[(int) vmId]
                - effects.answers.stream()
                        .filter(answer -> answer.startsWith(vmId + "/"))
                        .count();
    }

    /** Lets the store answer what it was asked first; whose it was. */
    private long serve() {
        int cell = effects.loads.removeFirst();
        long vmId = pager.vmId(cell);
        pager.loaded(cell, LoadResult.ABSENT, 0);
        return vmId;
    }

    private int servedUntil(long vmId) {
        int served = 1;
        while (serve() != vmId) {
            served++;
        }
        return served;
    }
}
