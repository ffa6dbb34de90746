// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain.prefetch;

/** What came of the hints of one source. Owned by one thread; a reader elsewhere needs a copy made there. */
public final class PrefetchCounters {
    private long issued;
    private long timely;
    private long late;
    private long unused;
    private long refused;
    private long open;

    /** Nothing yet. */
    public PrefetchCounters() {}

    /** Pages that the tiers were hinted at: what became of each is timely, late, unused, or open. */
    public long issued() {
        return issued;
    }

    /** Pages hinted at that were then wanted, and came without a wait for the swap store. */
    public long timely() {
        return timely;
    }

    /** Pages hinted at that were then wanted, and had to come from the swap store all the same. */
    public long late() {
        return late;
    }

    /** Pages hinted at that nobody wanted while the hint was remembered. */
    public long unused() {
        return unused;
    }

    /** Hints not given, because the tiers did not take any at the moment. */
    public long refused() {
        return refused;
    }

    /** Pages hinted at that may still be wanted, now. */
    public long open() {
        return open;
    }

    /** A hint was given. */
    public void countIssued() {
        issued++;
        open++;
    }

    /** A hint was not taken. */
    public void countRefused() {
        refused++;
    }

    /** A hinted page was wanted and came; from the swap store or not. */
    public void countWanted(boolean isLate) {
        open--;
        if (isLate) {
            late++;
        } else {
            timely++;
        }
    }

    /** A hinted page was not wanted, or did not come. */
    public void countUnused() {
        open--;
        unused++;
    }

    /** Nothing that was hinted at will be wanted any more. */
    public void close() {
        unused += open;
        open = 0;
    }

    /** Adds the counts of another. */
    public void add(PrefetchCounters other) {
        issued += other.issued;
        timely += other.timely;
        late += other.late;
        unused += other.unused;
        refused += other.refused;
        open += other.open;
    }
}
