// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.shadow;

import io.faultline.pager.domain.eviction.PolicyKind;
import java.util.Arrays;

/** Finds out whether another policy is better for real and for long, by what the shadows miss. Owned by the pager's thread. */
public final class PolicyChooser {
    /*
     * Fetches of sampled pages are counted in windows. A policy wins a window against the one in force if it missed
     *
     *   - one fetch in 64 less: more than sampling may be wrong by;
     *   - one miss in 32 less: a gain that is worth the change;
     *   - and by more than chance: where the two differ in d fetches, a fair coin would have them apart by sqrt(d), and
     *     they are by three times that.
     *
     * One that wins four windows running is wanted; of several, the one that missed least in them. When it is in force
     * all begin anew, so four windows pass before the next change, and a policy that is only as good as this one never
     * takes its place.
     */
    static final int WINS_RUNNING = 4;

    private static final int FETCHES_A_GAIN = 64;
    private static final int MISSES_A_GAIN = 32;
    private static final long DEVIATIONS = 3;

    private static final int KINDS = Shadows.KINDS.size();

    private final int windowFetches;
    private final int[] misses = new int[KINDS];
    private final int[] differences = new int[KINDS];
    private final int[] wins = new int[KINDS];
    private final long[] spared = new long[KINDS];
    private int fetches;
    private int current;
    private int wanted;

    /** Begins with a policy in force, and windows of so many fetches of sampled pages. */
    public PolicyChooser(PolicyKind first, int windowFetches) {
        this.windowFetches = windowFetches;
        current = Shadows.KINDS.indexOf(first);
        wanted = current;
    }

    /** The policy in force. */
    public PolicyKind current() {
        return Shadows.KINDS.get(current);
    }

    /** The policy that should be in force: {@link #current} unless another has won long enough. */
    public PolicyKind wanted() {
        return Shadows.KINDS.get(wanted);
    }

    /** A policy is in force from now on. */
    public void switched(PolicyKind kind) {
        current = Shadows.KINDS.indexOf(kind);
        wanted = current;
        Arrays.fill(wins, 0);
        Arrays.fill(spared, 0);
        beginWindow();
    }

    /** A sampled page was fetched, and missed by these {@link Shadows#fetched shadows}. */
    public void fetched(int shadowMask) {
        int differing = (shadowMask >>> current & 1) == 0 ? shadowMask : ~shadowMask;
        for (int kind = 0; kind < KINDS; kind++) {
            misses[kind] += shadowMask >>> kind & 1;
            differences[kind] += differing >>> kind & 1;
        }
        if (++fetches >= windowFetches) {
            endWindow();
        }
    }

    private void endWindow() {
        wanted = current;
        for (int kind = 0; kind < KINDS; kind++) {
            if (hasWon(kind)) {
                wins[kind]++;
                spared[kind] += misses[current] - misses[kind];
            } else {
                wins[kind] = 0;
                spared[kind] = 0;
            }
            if (wins[kind] >= WINS_RUNNING && spared[kind] > spared[wanted]) {
                wanted = kind;
            }
        }
        beginWindow();
    }

    private boolean hasWon(int kind) {
        int less = misses[current] - misses[kind];
        return less > 0
                && less * FETCHES_A_GAIN >= fetches
                && less * MISSES_A_GAIN >= misses[current]
                && (long) less * less >= DEVIATIONS * DEVIATIONS * differences[kind];
    }

    private void beginWindow() {
        fetches = 0;
        Arrays.fill(misses, 0);
        Arrays.fill(differences, 0);
    }
}
