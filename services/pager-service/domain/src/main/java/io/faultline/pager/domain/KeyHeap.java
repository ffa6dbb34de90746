// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Entries by their keys, least first. Keys are compared by their difference, so they may wrap. An entry knows its place,
 * so each operation takes logarithmic time. Owned by the pager's thread.
 *
 * @param <E> what is kept in order
 */
final class KeyHeap<E extends KeyHeap.Entry> {
    private final List<E> entries = new ArrayList<>();

    /** Something with a key, in one heap at most. */
    abstract static class Entry {
        private static final int NOWHERE = -1;

        private int place = NOWHERE;
        private long key;

        final long key() {
            return key;
        }

        final boolean isInHeap() {
            return place != NOWHERE;
        }
    }

    /** The entry with the least key; null if there is none. */
    @Nullable
    E first() {
        return entries.isEmpty() ? null : entries.getFirst();
    }

    /** Gives an entry a key, and puts it in if it is not there. */
    void put(E entry, long key) {
        Entry it = entry;
        it.key = key;
        if (it.place == Entry.NOWHERE) {
            entries.add(entry);
            it.place = entries.size() - 1;
        }
        rise(entry);
        sink(entry);
    }

    /** Takes an entry out, which keeps its key. */
    void remove(E entry) {
        Entry it = entry;
        int place = it.place;
        E last = entries.removeLast();
        if (place < entries.size()) {
            set(place, last);
            rise(last);
            sink(last);
        }
        it.place = Entry.NOWHERE;
    }

    private void rise(E entry) {
        Entry it = entry;
        while (it.place > 0) {
            int parent = (it.place - 1) / 2;
            E above = entries.get(parent);
            if (!isBefore(entry, above)) {
                return;
            }
            set(it.place, above);
            set(parent, entry);
        }
    }

    private void sink(E entry) {
        Entry it = entry;
        while (true) {
            int child = 2 * it.place + 1;
            if (child >= entries.size()) {
                return;
            }
            if (child + 1 < entries.size() && isBefore(entries.get(child + 1), entries.get(child))) {
                child++;
            }
            E below = entries.get(child);
            if (!isBefore(below, entry)) {
                return;
            }
            set(it.place, below);
            set(child, entry);
        }
    }

    private void set(int place, E entry) {
        entries.set(place, entry);
        Entry it = entry;
        it.place = place;
    }

    private boolean isBefore(Entry one, Entry other) {
        return one.key - other.key < 0;
    }
}
