// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.grpc;

import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import org.jspecify.annotations.Nullable;

/**
 * When one stream's fetches came that are not answered at once, by request id. As many as the pager lets wait. Loop thread
 * only.
 */
final class WaitingFetches {
    private final LongObjectMap<Long> receivedNs = new LongObjectHashMap<>();

    /** Notes a fetch that waits. */
    void add(long requestId, long nowNs) {
        receivedNs.put(requestId, (Long) nowNs);
    }

    /** When an answered fetch came, or null if it was none, or did not wait. */
    @Nullable
    Long remove(long requestId) {
        return receivedNs.remove(requestId);
    }
}
