// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Knows which stamp each page bears, and so what a load must bring back. One thread.
 */
final class Stamps {
    /*
     * An access loads before it stores, and both happen at one moment that the replay does not see: some time between the
     * fault and its outcome. While accesses to one page overlap, the page may bear what it bore before or the stamp of any
     * of the writes in flight. Each write's load names the stamp that it overwrote, so when the page is quiet again the
     * one stamp that nobody overwrote is what it bears: the next access is checked against that one alone.
     *
     * A write that had to be repeated, because nobody knows whether it was carried out, may find its own stamp. What it had
     * overwritten the first time nobody said: then the page bears any of those written meanwhile, until a load tells which.
     */

    /** A page with accesses in flight. */
    private static final class Busy {
        final Set<Integer> possible = new HashSet<>();
        final Set<Integer> written = new HashSet<>();
        final Set<Integer> overwritten = new HashSet<>();
        final Set<Integer> atFirst;
        int accesses;
        boolean isRepeated;

        Busy(Set<Integer> atFirst) {
            this.atFirst = atFirst;
            possible.addAll(atFirst);
            written.addAll(atFirst);
        }
    }

    private final Stamp stamp;
    private final int[] borne;
    private final int[] lastGiven;
    private final Map<Integer, Busy> busyPages = new HashMap<>();
    /** What each page may bear of which that is not known; more than one stamp each. */
    private final Map<Integer, Set<Integer>> uncertain = new HashMap<>();

    Stamps(Stamp stamp, int pages) {
        this.stamp = stamp;
        borne = new int[pages];
        lastGiven = new int[pages];
    }

    /** A loader writes the page, while no access is in flight: puts the page's stamp into the loader's bytes. */
    void load(int page, long gfn, byte[] target, int offset) {
        borne[page] = ++lastGiven[page];
        stamp.write(gfn, borne[page], target, offset);
    }

    /** An access begins; returns the counter of the stamp that it stores, 0 for one that only loads. */
    int begin(int page, boolean isWrite) {
        Busy busy = busyPages.get(page);
        if (busy == null) {
            busy = new Busy(uncertain.getOrDefault(page, Set.of(borne[page])));
            busyPages.put(page, busy);
        }
        busy.accesses++;
        if (!isWrite) {
            return 0;
        }
        int counter = ++lastGiven[page];
        busy.possible.add(counter);
        return counter;
    }

    /** An access that has begun is asked for again: nobody knows whether it was carried out. */
    void repeat(int page) {
        busy(page).isRepeated = true;
    }

    /** The bytes that a write stores; {@code counter} is what {@link #begin} returned for it. */
    byte[] toStore(long gfn, int counter) {
        byte[] bytes = new byte[Stamp.BYTES];
        stamp.write(gfn, counter, bytes, 0);
        return bytes;
    }

    /**
     * An access was carried out.
     *
     * @param counter what {@link #begin} returned
     * @param bytes what it loaded
     * @return null when that is right; else what is wrong, in words
     */
    @Nullable
    String end(int page, long gfn, int counter, ByteBuffer bytes) {
        Busy busy = busy(page);
        int found = stamp.counter(gfn, bytes);
        boolean isRight =
                found >= 0 && (found != ownOrNone(counter) || busy.isRepeated) && busy.possible.contains(found);
        String wrong = isRight ? null : "expected " + expectation(busy, counter) + ", got " + stamp.describe(bytes);
        if (busy.atFirst.contains(found)) {
            busy.written.removeIf(other -> other != found && busy.atFirst.contains(other));
        }
        if (counter != 0) {
            busy.written.add(counter);
            busy.overwritten.add(found);
        }
        leave(page, busy);
        return wrong;
    }

    /** An access was not carried out. */
    void abort(int page) {
        leave(page, busy(page));
    }

    /**
     * Compares a page's stamp with the one that it bears, while no access to it is in flight.
     *
     * @return null when they are the same; else what is wrong, in words
     */
    @Nullable
    String wrongAtRest(int page, long gfn, ByteBuffer bytes) {
        if (busyPages.containsKey(page)) {
            throw new IllegalStateException("page " + page + ": accesses in flight (expected: none)");
        }
        Set<Integer> expected = uncertain.getOrDefault(page, Set.of(borne[page]));
        return expected.contains(stamp.counter(gfn, bytes))
                ? null
                : "expected " + oneOf(expected, -1) + ", got " + stamp.describe(bytes);
    }

    private static int ownOrNone(int counter) {
        return counter == 0 ? -1 : counter;
    }

    private Busy busy(int page) {
        Busy busy = busyPages.get(page);
        if (busy == null) {
            throw new IllegalStateException("page " + page + ": no access in flight (expected: at least 1)");
        }
        return busy;
    }

    private void leave(int page, Busy busy) {
        busy.accesses--;
        if (busy.accesses == 0) {
            busyPages.remove(page);
            boolean isCertain = !busy.isRepeated && !uncertain.containsKey(page);
            if (busy.isRepeated) {
                // Whatever was overwritten may have been stored again; only what was there before it all is gone.
                busy.written.removeAll(busy.overwritten.isEmpty() ? Set.of() : busy.atFirst);
            } else {
                busy.written.removeAll(busy.overwritten);
            }
            borne[page] =
                    busy.written.stream().mapToInt(Integer::intValue).max().orElse(lastGiven[page]);
            if (isCertain || busy.written.size() <= 1) {
                uncertain.remove(page);
            } else {
                uncertain.put(page, Set.copyOf(busy.written));
            }
        }
    }

    private static String expectation(Busy busy, int own) {
        return oneOf(busy.possible, busy.isRepeated ? -1 : ownOrNone(own));
    }

    private static String oneOf(Set<Integer> counters, int butNot) {
        StringBuilder text = new StringBuilder("write ");
        counters.stream()
                .filter(counter -> counter != butNot)
                .sorted()
                .forEach(counter -> text.append(text.length() > 6 ? " or " : "").append(counter));
        return text.toString();
    }
}
