// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store;

import io.faultline.pager.domain.LoadResult;
import java.nio.ByteBuffer;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * A swap store on the heap, for tests and trials: everything is gone with the process. Answers at once, on the caller's
 * thread; any thread may call.
 */
public final class InMemorySwapStore implements SwapStore {
    private final long bytesMax;
    private final Envelope envelope;
    private final NavigableMap<StoreKey, byte[]> values = new TreeMap<>();
    private long bytes;

    /** A store that refuses writes once its values, made by an envelope, would take more than so many bytes. */
    public InMemorySwapStore(long bytesMax, Envelope envelope) {
        this.envelope = envelope;
        this.bytesMax = bytesMax;
    }

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public void read(PageReads reads) {
        reads.begin();
        synchronized (this) {
            for (int i = 0; i < reads.size(); i++) {
                byte[] value = values.get(reads.key(i));
                if (value == null) {
                    reads.setResult(i, LoadResult.ABSENT, 0);
                } else {
                    envelope.unwrap(ByteBuffer.wrap(value), reads, i);
                }
            }
        }
        reads.answer();
    }

    @Override
    public void write(PageWrites writes) {
        boolean fits;
        synchronized (this) {
            long incoming = 0;
            for (PageWrites.Write write : writes.all()) {
                incoming += write instanceof PageWrites.Put put ? envelope.sizeOf(put) : 0;
            }
            fits = bytes + incoming <= bytesMax;
            if (fits) {
                writes.all().forEach(this::apply);
            }
        }
        writes.answer(fits);
    }

    private void apply(PageWrites.Write write) {
        switch (write) {
            case PageWrites.Put put -> {
                ByteBuffer value = ByteBuffer.allocate(envelope.sizeOf(put));
                envelope.wrap(put, value);
                replace(put.key(), value.array());
            }
            case PageWrites.Delete delete -> remove(delete.key());
            case PageWrites.DropVm drop -> {
                NavigableMap<StoreKey, byte[]> pages =
                        values.subMap(StoreKey.firstOf(drop.vmId()), true, StoreKey.firstOf(drop.vmId() + 1), false);
                pages.values().forEach(value -> bytes -= value.length);
                pages.clear();
            }
        }
    }

    private void replace(StoreKey key, byte[] value) {
        remove(key);
        values.put(key, value);
        bytes += value.length;
    }

    private void remove(StoreKey key) {
        byte[] old = values.remove(key);
        bytes -= old == null ? 0 : old.length;
    }

    @Override
    public synchronized long pagesEstimate() {
        return values.size();
    }

    /** The value kept under a key, to be looked at or spoilt. */
    synchronized byte[] value(StoreKey key) {
        byte[] value = values.get(key);
        if (value == null) {
            throw new IllegalArgumentException("key: " + key + " (expected: one that is kept)");
        }
        return value;
    }

    synchronized void setValue(StoreKey key, byte[] value) {
        replace(key, value);
    }

    @Override
    public synchronized void close() {
        values.clear();
    }
}
