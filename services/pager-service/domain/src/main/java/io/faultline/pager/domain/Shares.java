// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import org.jspecify.annotations.Nullable;

/**
 * How much of one thing each VM has, and who has most for its weight. A VM's share is a capacity by its weight among
 * those of the VMs that have any. Owned by the pager's thread.
 */
final class Shares {
    /*
     * When somebody has to give something up it is the one with most for its weight. If anybody has more than his
     * share then he has: whoever is at or below it is safe until nobody is above, without any share being computed.
     * And while nobody needs it, nothing is taken: what one does not use the others have.
     */
    /** Makes a key of a quotient: finer than any two of them differ, unless they are equal. */
    private static final long SCALE = 1L << 28;

    private final KeyHeap<Claim> claims = new KeyHeap<>();
    private long weights;

    /** What one VM has. */
    static final class Claim extends KeyHeap.Entry {
        final Tenant tenant;
        private long amount;
        private int weight;
        private boolean isOpen;

        Claim(Tenant tenant) {
            this.tenant = tenant;
        }

        long amount() {
            return amount;
        }

        /** Whether this is asked for the first time. */
        boolean isOpenedNow() {
            boolean isFirst = !isOpen;
            isOpen = true;
            return isFirst;
        }
    }

    /** The weights of those who have any. */
    long weights() {
        return weights;
    }

    /** A VM has so much more, or less if negative. */
    void change(Claim claim, long by) {
        claim.amount += by;
        reweigh(claim);
    }

    /** A VM's weight may have changed. */
    void reweigh(Claim claim) {
        int weight = claim.amount == 0 ? 0 : claim.tenant.weight();
        weights += weight - claim.weight;
        claim.weight = weight;
        if (weight != 0) {
            claims.put(claim, -(claim.amount * SCALE / weight));
        } else if (claim.isInHeap()) {
            claims.remove(claim);
        }
    }

    /** The one with most for its weight; null if nobody has any. */
    @Nullable
    Claim richest() {
        return claims.first();
    }

    /** Lets a VM that cannot give anything just now not be the {@link #richest}, until {@link #reweigh}. */
    void setAside(Claim claim) {
        claims.remove(claim);
    }

    /** Whether a VM has more than its share of a capacity. */
    boolean isAboveShare(Claim claim, long capacity) {
        return claim.amount * weights > capacity * claim.weight;
    }

    /** A VM's share of a capacity; for one that has nothing, what it would be if it had. */
    long share(Claim claim, long capacity) {
        int weight = claim.tenant.weight();
        return capacity * weight / (weights - claim.weight + weight);
    }
}
