// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.rocksdb;

import io.faultline.pager.app.store.PageReads;
import java.util.concurrent.atomic.AtomicInteger;

/** Answers a batch of reads when the last of its groups is done. Any thread. */
final class ReadGroups {
    private final PageReads reads;
    private final AtomicInteger left;

    ReadGroups(PageReads reads, int groups) {
        this.reads = reads;
        left = new AtomicInteger(groups);
        reads.begin();
    }

    void groupDone() {
        if (left.decrementAndGet() == 0) {
            reads.answer();
        }
    }
}
