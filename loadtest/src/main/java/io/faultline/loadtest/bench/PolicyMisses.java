// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.bench;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.faultline.pager.domain.eviction.EvictionPolicy;
import io.faultline.pager.domain.eviction.PageIdentity;
import io.faultline.pager.domain.eviction.PolicyKind;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * How often each policy misses over a stream of references.
 *
 * @param references how many references there were
 * @param distinct how many pages they touched
 * @param capacity how many pages fit
 * @param misses by policy, the pager's first, then Caffeine's, then the least possible
 */
record PolicyMisses(int references, int distinct, int capacity, Map<String, Integer> misses) {
    private static final long VM_ID = 1;
    private static final int POOL = 0;
    private static final int NONE = -1;

    /** Runs the stream through every policy, and through Belady's. */
    static PolicyMisses count(References references, int capacity) {
        Map<String, Integer> misses = new LinkedHashMap<>();
        for (PolicyKind kind : PolicyKind.values()) {
            misses.put(kind.name().toLowerCase(Locale.ROOT), missesOf(kind, references, capacity));
        }
        misses.put("caffeine", missesOfCaffeine(references, capacity));
        misses.put("min_demand", Belady.demand(references, capacity));
        misses.put("min_bypass", Belady.bypass(references, capacity));
        return new PolicyMisses(references.count(), references.distinct(), capacity, misses);
    }

    /** Misses of one of the pager's policies. */
    static int missesOf(PolicyKind kind, References references, int capacity) {
        int cells = Math.min(capacity, references.distinct());
        int[] pageIn = new int[cells];
        int[] cellOf = new int[references.distinct()];
        Arrays.fill(cellOf, NONE);
        EvictionPolicy policy = kind.create(cells, 1, cell -> PageIdentity.mix(VM_ID, pageIn[cell]));
        int filled = 0;
        int misses = 0;
        for (int i = 0; i < references.count(); i++) {
            int page = references.page(i);
            if (cellOf[page] != NONE) {
                policy.used(cellOf[page]);
                continue;
            }
            misses++;
            int cell = filled < cells ? filled++ : evict(policy, cellOf, pageIn);
            pageIn[cell] = page;
            cellOf[page] = cell;
            policy.added(cell, POOL);
        }
        return misses;
    }

    private static int evict(EvictionPolicy policy, int[] cellOf, int[] pageIn) {
        int cell = policy.victim(POOL, any -> true);
        policy.removed(cell, POOL);
        cellOf[pageIn[cell]] = NONE;
        return cell;
    }

    private static int missesOfCaffeine(References references, int capacity) {
        Cache<Integer, Boolean> cache = Caffeine.newBuilder()
                .maximumSize(capacity)
                .executor(Runnable::run)
                .build();
        int misses = 0;
        for (int i = 0; i < references.count(); i++) {
            int page = references.page(i);
            if (cache.getIfPresent(page) == null) {
                misses++;
                cache.put(page, true);
            }
            cache.cleanUp();
        }
        return misses;
    }
}
