// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Writes that a swap store is asked for together, in their order. Owned by whoever asks until it is handed to the
 * store, by the store until {@link #answer}, then by the asker again. A store may give a batch back in
 * {@linkplain #part parts}, each write in one of them, so that no write waits for another's sake.
 */
public final class PageWrites {
    private final WhenWritten whenWritten;
    private final List<Write> writes = new ArrayList<>();

    /** An empty batch; the store calls {@code whenWritten} from any thread. */
    public PageWrites(WhenWritten whenWritten) {
        this.whenWritten = whenWritten;
    }

    /** Appends a write. */
    public void add(Write write) {
        writes.add(write);
    }

    /** Whether nothing was added. */
    public boolean isEmpty() {
        return writes.isEmpty();
    }

    /** The writes, in order. */
    public List<Write> all() {
        return writes;
    }

    /** A batch of its own of some of these writes, which is answered to the same asker in place of them. */
    public PageWrites part(List<? extends Write> some) {
        PageWrites part = new PageWrites(whenWritten);
        part.writes.addAll(some);
        return part;
    }

    /**
     * Gives the batch back to whoever asked, exactly once, and not at all if it was cut into parts.
     *
     * @param ok whether every write took effect; if not, none may be relied upon
     */
    public void answer(boolean ok) {
        whenWritten.accept(this, ok);
    }

    /** Takes a batch back. */
    @FunctionalInterface
    public interface WhenWritten {
        /** Every write of the batch, or of a part of it, took effect; or not ok, and none may be relied upon. */
        void accept(PageWrites writes, boolean ok);
    }

    /** One change to a swap store. */
    public sealed interface Write {}

    /** One change to a page. */
    public sealed interface PageWrite extends Write {
        /** The page's name. */
        StoreKey key();
    }

    /**
     * Keeps a page.
     *
     * @param cell the asker's own mark
     * @param key the page's name
     * @param page the page's bytes, which stay as they are until the batch is answered
     * @param crc32c their checksum
     * @param isZero whether all of them are 0
     */
    public record Put(int cell, StoreKey key, MemorySegment page, int crc32c, boolean isZero) implements PageWrite {}

    /**
     * Forgets a page, if it is there.
     *
     * @param key the page's name
     */
    public record Delete(StoreKey key) implements PageWrite {}

    /**
     * Forgets every page of a VM.
     *
     * @param vmId the VM
     * @param whenDone the asker's own note: what it does once the batch was answered
     */
    public record DropVm(long vmId, Consumer<Boolean> whenDone) implements Write {}
}
