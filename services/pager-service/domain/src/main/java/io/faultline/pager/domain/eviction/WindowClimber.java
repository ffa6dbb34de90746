// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.eviction;

/** Climbs towards the share of a pool that, as the window, gives most hits. */
final class WindowClimber {
    private static final double STEP_FIRST = 0.03125;
    private static final double STEP_DECAY = 0.98;
    private static final double RESTART_AT = 0.05;
    private static final int REFERENCES_A_PAGE = 10;

    private final double shareMin;
    private final double shareMax;
    private double share;
    private double step = STEP_FIRST;
    private double hitShareBefore;
    private boolean isPoolFull;
    private int hits;
    private int references;

    WindowClimber(double shareMin, double shareMax) {
        this.shareMin = shareMin;
        this.shareMax = shareMax;
        share = shareMin;
    }

    /** The window's share of the pool. */
    double share() {
        return share;
    }

    /** Pages have to leave from now on: before, every page is found once it has been seen, whatever the window. */
    void poolFull() {
        isPoolFull = true;
    }

    /** A page was found, in a pool of so many. */
    void hit(int pages) {
        if (isPoolFull) {
            hits++;
            reference(pages);
        }
    }

    /** A page was not found, in a pool of so many. */
    void miss(int pages) {
        if (isPoolFull) {
            reference(pages);
        }
    }

    private void reference(int pages) {
        references++;
        if (references >= (long) REFERENCES_A_PAGE * pages) {
            climb();
        }
    }

    private void climb() {
        double hitShare = (double) hits / references;
        double change = hitShare - hitShareBefore;
        hitShareBefore = hitShare;
        hits = 0;
        references = 0;
        if (change < 0) {
            step = -step;
        }
        share = Math.clamp(share + step, shareMin, shareMax);
        step = Math.abs(change) >= RESTART_AT ? Math.copySign(STEP_FIRST, step) : step * STEP_DECAY;
    }
}
