// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.fuzz;

import io.faultline.pager.app.memory.PageContents;
import io.faultline.pager.app.store.PageReads;
import io.faultline.pager.app.store.PageWrites;
import io.faultline.pager.app.store.StoreKey;
import io.faultline.pager.app.store.SwapStore;
import io.faultline.pager.domain.LoadResult;
import java.lang.foreign.MemorySegment;

/**
 * A swap store that keeps nothing: a page's version says whether it is there, which bytes it has, and whether it can be written. Answers
 * at once, on the caller's thread.
 */
final class NamedPages implements SwapStore {
    private static final LoadResult[] RESULTS = {
        LoadResult.DATA, LoadResult.ZERO, LoadResult.ABSENT, LoadResult.CORRUPT, LoadResult.UNAVAILABLE, LoadResult.DATA
    };
    private static final long UNWRITABLE = 8;

    private final PageContents contents = new PageContents();

    @Override
    public String name() {
        return "named";
    }

    @Override
    public void read(PageReads reads) {
        reads.begin();
        for (int i = 0; i < reads.size(); i++) {
            StoreKey key = reads.key(i);
            LoadResult result = RESULTS[(int) Long.remainderUnsigned(key.version(), RESULTS.length)];
            MemorySegment page = reads.page(i);
            if (result == LoadResult.DATA || result == LoadResult.ZERO) {
                page.fill((byte) (result == LoadResult.ZERO ? 0 : 1 + Math.abs(key.gfn() % 7)));
            }
            reads.setResult(i, result, contents.crc32c(page));
        }
        reads.answer();
    }

    @Override
    public void write(PageWrites writes) {
        writes.answer(writes.all().stream().noneMatch(NamedPages::isRefused));
    }

    private static boolean isRefused(PageWrites.Write write) {
        return write instanceof PageWrites.Put put && (put.key().version() & UNWRITABLE) != 0;
    }

    @Override
    public long pagesEstimate() {
        return 0;
    }

    @Override
    public void close() {}
}
