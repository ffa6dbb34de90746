// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * What happened, in words: the last lines are kept, all of them make the run's digest. Two runs with the same digest said the
 * same words in the same order at the same times. One thread.
 */
public final class Journal {
    private static final long NS_PER_US = 1000;

    private final Timeline timeline;
    private final String[] words;
    private final long[] timesNs;
    private long lines;
    private long digest;

    /** A journal that keeps so many last lines. */
    public Journal(Timeline timeline, int linesKept) {
        this.timeline = timeline;
        this.words = new String[linesKept];
        this.timesNs = new long[linesKept];
    }

    /** Notes a line. */
    public void note(String line) {
        int at = (int) (lines++ % words.length);
        words[at] = line;
        timesNs[at] = timeline.nowNs();
        digest = Chance.mix(digest ^ ((long) line.hashCode() << Integer.SIZE) ^ timeline.nowNs());
    }

    /** What stands for everything noted so far. */
    public long digest() {
        return digest;
    }

    /** Lines noted so far. */
    public long lines() {
        return lines;
    }

    /** The last lines, each with its time in microseconds. */
    public List<String> last() {
        List<String> last = new ArrayList<>();
        for (long line = Math.max(0, lines - words.length); line < lines; line++) {
            int at = (int) (line % words.length);
            long us = timesNs[at] / NS_PER_US;
            last.add(String.format("%10d.%03d us  %s", us, timesNs[at] % NS_PER_US, words[at]));
        }
        return last;
    }
}
