// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

/**
 * A range of guest frames that a recording's pages are mapped onto. Immutable.
 *
 * @param slot the slot's number, from 0
 * @param baseGfn the first guest frame number
 * @param pages how many pages, at least 1
 */
public record Memslot(int slot, long baseGfn, long pages) {
    /** A slot with sane numbers. */
    public Memslot {
        if (slot < 0 || baseGfn < 0 || pages < 1) {
            throw new IllegalArgumentException("memslot: slot " + slot + ", base " + baseGfn + ", " + pages
                    + " pages (expected: slot >= 0, base >= 0, at least 1 page)");
        }
    }
}
