// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.eviction;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** A policy that can be replaced by another while pages are held. Owned by the pager's thread. */
public final class SwitchingPolicy implements EvictionPolicy {
    /*
     * Pages move a few at a time, in the order in which the old policy would let them leave: what it held dearest comes
     * last, and so is newest where order is all that the new policy knows. Until the last has moved, either policy
     * holds some; what comes in meanwhile goes to the new one, and what must leave is the old one's next victim, as long
     * as it has one.
     */
    private static final Evictable ANY = cell -> true;

    private EvictionPolicy current;
    /** The pools that are open in the current policy. */
    private final BitSet open = new BitSet();

    private @Nullable EvictionPolicy old;
    /** The pools of the old policy that may still hold pages. */
    private final BitSet unmoved = new BitSet();

    /** Starts with a policy that was made with so many pools. */
    public SwitchingPolicy(EvictionPolicy first, int pools) {
        current = first;
        open.set(0, pools);
    }

    /** Whether pages are still to {@link #move}. */
    public boolean isSwitching() {
        return old != null;
    }

    /**
     * Replaces the policy by one that holds nothing yet, and in which every pool is opened now. Not while
     * {@link #isSwitching}.
     */
    public void switchTo(EvictionPolicy next) {
        if (old != null) {
            throw new IllegalStateException("a switch is under way");
        }
        for (int pool = open.nextSetBit(0); pool >= 0; pool = open.nextSetBit(pool + 1)) {
            next.opened(pool);
        }
        unmoved.or(open);
        old = current;
        current = next;
    }

    /** Moves up to so many pages to the new policy, an empty pool counted as one; whether there are more. */
    public boolean move(int pagesMax) {
        EvictionPolicy from = old;
        if (from == null) {
            return false;
        }
        int pool = unmoved.nextSetBit(0);
        for (int left = pagesMax; left > 0 && pool >= 0; left--) {
            int cell = from.victim(pool, ANY);
            if (cell == NONE) {
                unmoved.clear(pool);
                pool = unmoved.nextSetBit(pool);
            } else {
                from.removed(cell, pool);
                current.added(cell, pool);
            }
        }
        if (pool < 0) {
            old = null;
        }
        return isSwitching();
    }

    @Override
    public void opened(int pool) {
        current.opened(pool);
        open.set(pool);
    }

    @Override
    public boolean holds(int cell) {
        return current.holds(cell) || (old != null && old.holds(cell));
    }

    @Override
    public void added(int cell, int pool) {
        current.added(cell, pool);
    }

    @Override
    public void used(int cell) {
        holder(cell).used(cell);
    }

    @Override
    public long touch(int cell, long identity) {
        return current.touch(cell, identity);
    }

    @Override
    public void removed(int cell, int pool) {
        holder(cell).removed(cell, pool);
    }

    @Override
    public int victim(int pool, Evictable evictable) {
        int victim = old == null || !unmoved.get(pool) ? NONE : old.victim(pool, evictable);
        return victim == NONE ? current.victim(pool, evictable) : victim;
    }

    private EvictionPolicy holder(int cell) {
        EvictionPolicy before = old;
        return before != null && before.holds(cell) ? before : current;
    }
}
