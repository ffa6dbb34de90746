// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

/**
 * How much of something may still happen at a steady rate: what a second allows may come at once. A budget that was not used
 * for long holds no more than that. Loop thread only.
 */
final class RateBudget {
    private static final double SECOND_NS = 1e9;

    private final int perS;
    private double left;
    private long refilledNs;

    /** A full budget. */
    RateBudget(int perS, long nowNs) {
        this.perS = perS;
        left = perS;
        refilledNs = nowNs;
    }

    /** So many happened; they are owed if there was no budget for them. */
    void take(int count) {
        left -= count;
    }

    /** Whether nothing is left of what was there when the budget was filled last. The time is not looked at. */
    boolean isSpent() {
        return left <= 0;
    }

    /** Fills the budget up to now, and says how long it takes until something is left; 0 if something is. */
    long waitNs(long nowNs) {
        refill(nowNs);
        return left > 0 ? 0 : (long) Math.ceil((1 - left) / perS * SECOND_NS);
    }

    /** Fills the budget up to now, and says whether all that a second allows may come at once. */
    boolean isFull(long nowNs) {
        refill(nowNs);
        return left >= perS;
    }

    private void refill(long nowNs) {
        left = Math.min(perS, left + (nowNs - refilledNs) / SECOND_NS * perS);
        refilledNs = nowNs;
    }
}
