// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Writes that a swap store is asked for together, in their order. Owned by whoever asks until it is handed to the
 * store, by the store until {@link #answer}, then by the asker again.
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

    /** Gives the batch back to whoever asked, exactly once: every write took effect, or none. */
    public void answer(boolean ok) {
        whenWritten.accept(this, ok);
    }

    /** Takes a batch back. */
    @FunctionalInterface
    public interface WhenWritten {
        /** Every write of the batch took effect, or none. */
        void accept(PageWrites writes, boolean ok);
    }

    /** One change to a swap store. */
    public sealed interface Write {}

    /**
     * Keeps a page.
     *
     * @param cell the asker's own mark
     * @param key the page's name
     * @param page the page's bytes, which stay as they are until the batch is answered
     * @param crc32c their checksum
     * @param isZero whether all of them are 0
     */
    public record Put(int cell, StoreKey key, MemorySegment page, int crc32c, boolean isZero) implements Write {}

    /**
     * Forgets a page, if it is there.
     *
     * @param key the page's name
     */
    public record Delete(StoreKey key) implements Write {}

    /**
     * Forgets every page of a VM.
     *
     * @param vmId the VM
     * @param whenDone the asker's own note: what it does once the batch was answered
     */
    public record DropVm(long vmId, Consumer<Boolean> whenDone) implements Write {}
}
