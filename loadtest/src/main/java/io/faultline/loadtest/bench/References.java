// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.bench;

import io.faultline.loadtest.trace.Recording;
import java.util.Arrays;

/** A stream of references to pages, which are numbered from 0 in the order of their first reference. Immutable. */
final class References {
    private final int[] pages;
    private final int distinct;

    private References(int[] pages, int distinct) {
        this.pages = pages;
        this.distinct = distinct;
    }

    /** Each fault of a recording is a reference. */
    static References of(Recording recording) {
        int[] pages = new int[recording.faultCount()];
        for (int fault = 0; fault < pages.length; fault++) {
            pages[fault] = recording.pageIndex(fault);
        }
        return of(pages);
    }

    /** References to pages with any numbers from 0. */
    static References of(int... numbers) {
        int[] pageOf = new int[Arrays.stream(numbers).max().orElse(0) + 1];
        int[] pages = new int[numbers.length];
        int distinct = 0;
        for (int i = 0; i < numbers.length; i++) {
            if (pageOf[numbers[i]] == 0) {
                pageOf[numbers[i]] = ++distinct;
            }
            pages[i] = pageOf[numbers[i]] - 1;
        }
        return new References(pages, distinct);
    }

    /** How many references there are. */
    int count() {
        return pages.length;
    }

    /** How many pages they touch. */
    int distinct() {
        return distinct;
    }

    /** The page of a reference, 0 to below {@link #distinct}. */
    int page(int reference) {
        return pages[reference];
    }
}
