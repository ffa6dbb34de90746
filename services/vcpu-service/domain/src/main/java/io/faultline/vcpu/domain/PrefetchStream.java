// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.vcpu.domain.MemslotTable.Placement;
import io.faultline.vcpu.domain.prefetch.HintSource;
import io.faultline.vcpu.domain.prefetch.PrefetchWindow;
import io.faultline.vcpu.domain.prefetch.StrideTrend;

/**
 * One vCPU's misses: pages ahead of them are hinted along their trend, as far as the window says. Owned by the VM's thread.
 */
/*
 * Pages are hinted from where the stream is, when its last stride or its being foreseen says that it is on course; an
 * access that lies aside gives no hints. What lies between the stream and the furthest page hinted was looked at before.
 */
final class PrefetchStream {
    private final Hints hints;
    private final StrideTrend trend = new StrideTrend();
    private final PrefetchWindow window;
    private long course;
    private long furthestGfn;

    PrefetchStream(Hints hints, int pagesMax) {
        this.hints = hints;
        this.window = new PrefetchWindow(pagesMax);
    }

    /** The vCPU missed a page of a memslot; whether it had been hinted. */
    void missed(Placement place, long gfn, boolean foreseen) {
        trend.missed(gfn);
        if (foreseen) {
            window.foreseen();
        } else {
            window.unforeseen();
        }
        if (!window.mayOpen()) {
            return;
        }
        long stride = trend.majority();
        if (stride != StrideTrend.NONE && (foreseen || trend.lastStride() == stride)) {
            window.tryOpen();
            hintAhead(place, gfn, stride);
        }
    }

    private void hintAhead(Placement place, long gfn, long stride) {
        long ahead = stride == course ? (furthestGfn - gfn) / stride : 0;
        if (ahead < 0 || ahead > PrefetchWindow.PAGES_MAX || gfn + ahead * stride != furthestGfn) {
            ahead = 0;
        }
        course = stride;
        for (long pages = ahead + 1; pages <= window.pages(); pages++) {
            long next = gfn + pages * stride;
            if (!place.memslot().contains(next) || !hints.offer(place.page(next), next, HintSource.TREND)) {
                return;
            }
            furthestGfn = next;
        }
    }
}
