// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import io.faultline.loadtest.trace.AddressMap;
import io.faultline.loadtest.trace.Memslot;
import java.util.NoSuchElementException;

/** A recording's pages, in runs of neighbours that one access of the host may take: within a memslot. One thread. */
final class PageRuns {
    /**
     * Neighbouring pages.
     *
     * @param page the first one's index
     * @param gfn the first one's frame
     * @param count how many, at least 1
     */
    record Run(int page, long gfn, int count) {}

    private final AddressMap map;
    private final int pagesMax;
    private int slot;
    private int pageNext;

    /** All pages from the first on, in runs of at most so many bytes, or of one page that is larger. */
    PageRuns(AddressMap map, int bytesMax) {
        this.map = map;
        pagesMax = Math.max(1, bytesMax >> map.pageShift());
    }

    boolean hasNext() {
        return pageNext < map.pageCount();
    }

    Run next() {
        if (!hasNext()) {
            throw new NoSuchElementException("page " + pageNext + " (expected: 0 to " + (map.pageCount() - 1) + ")");
        }
        Memslot memslot = map.memslots().get(slot);
        long gfn = map.gfn(pageNext);
        long slotEnd = memslot.baseGfn() + memslot.pages();
        Run run = new Run(pageNext, gfn, (int) Math.min(slotEnd - gfn, pagesMax));
        pageNext += run.count();
        if (gfn + run.count() == slotEnd) {
            slot++;
        }
        return run;
    }
}
