// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.bench;

import java.util.Arrays;
import java.util.TreeSet;

/** The least misses that are possible: what a policy that knows the future would miss. */
final class Belady {
    /*
     * MIN: the page whose next reference is farthest leaves. Each page that is held stands in an ordered set for the
     * place of its next reference; a place belongs to one page only, and a page without a next reference stands for a
     * place of its own past the end.
     *
     * Source: Belady, "A study of replacement algorithms for a virtual-storage computer", IBM Systems Journal, 1966.
     */
    private Belady() {}

    /** Misses when a page that was missed must be kept. */
    static int demand(References references, int capacity) {
        return misses(references, capacity, false);
    }

    /** Misses when a page that was missed need not be kept. */
    static int bypass(References references, int capacity) {
        return misses(references, capacity, true);
    }

    private static int misses(References references, int capacity, boolean mayRefuse) {
        int[] next = nextReferences(references);
        TreeSet<Integer> held = new TreeSet<>();
        int misses = 0;
        for (int i = 0; i < references.count(); i++) {
            if (!held.remove(i)) {
                misses++;
                if (held.size() == capacity) {
                    if (mayRefuse && held.last() < next[i]) {
                        continue;
                    }
                    held.pollLast();
                }
            }
            held.add(next[i]);
        }
        return misses;
    }

    private static int[] nextReferences(References references) {
        int[] next = new int[references.count()];
        int[] following = new int[references.distinct()];
        Arrays.fill(following, -1);
        for (int i = references.count() - 1; i >= 0; i--) {
            int page = references.page(i);
            next[i] = following[page] < 0 ? references.count() + page : following[page];
            following[page] = i;
        }
        return next;
    }
}
