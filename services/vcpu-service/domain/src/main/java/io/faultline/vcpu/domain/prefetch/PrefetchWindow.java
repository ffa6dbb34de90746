// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain.prefetch;

/**
 * How many pages ahead of a stream are asked for: none while its misses come unforeseen, up to a limit while they do not.
 * Owned by one thread.
 */
/*
 * A miss that was foreseen doubles the window, one that was not halves it, so it grows while more than half of them are
 * foreseen. Closed, it is tried again with one page when the stream has a trend; each try in vain doubles the misses that
 * pass before the next one. So a stream that looks regular and never is costs one page in 64 misses in the long run.
 */
public final class PrefetchWindow {
    /** The largest limit. */
    public static final int PAGES_MAX = 32;

    /** Misses that pass at most between two tries. */
    static final int PAUSE_MAX = 64;

    private final int pagesMax;
    private int pages;
    private int pauseLeft;
    private int nextPause = 1;

    /**
     * A closed window.
     *
     * @param pagesMax its limit, 0 (it never opens) to {@link #PAGES_MAX}
     */
    public PrefetchWindow(int pagesMax) {
        if (pagesMax < 0 || pagesMax > PAGES_MAX) {
            throw new IllegalArgumentException("pagesMax: " + pagesMax + " (expected: 0 to " + PAGES_MAX + ")");
        }
        this.pagesMax = pagesMax;
    }

    /** How many pages ahead of the last miss are to be asked for. */
    public int pages() {
        return pages;
    }

    /** Whether it is open, or would open if the stream had a trend now. */
    public boolean mayOpen() {
        return pages > 0 || (pauseLeft == 0 && pagesMax > 0);
    }

    /** The stream missed a page that had been asked for: it was right. */
    public void foreseen() {
        pages = Math.min(Math.max(1, 2 * pages), pagesMax);
        pauseLeft = 0;
        nextPause = 1;
    }

    /** The stream missed a page that nobody had asked for. */
    public void unforeseen() {
        if (pages > 1) {
            pages /= 2;
        } else if (pages == 1) {
            pages = 0;
            pauseLeft = nextPause;
            nextPause = Math.min(2 * nextPause, PAUSE_MAX);
        } else if (pauseLeft > 0) {
            pauseLeft--;
        }
    }

    /** The stream has a trend: a closed window opens for one page, unless it was in vain a moment ago. */
    public void tryOpen() {
        if (pages == 0 && mayOpen()) {
            pages = 1;
        }
    }
}
