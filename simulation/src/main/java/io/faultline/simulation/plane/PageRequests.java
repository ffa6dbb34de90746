// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.plane;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The fault plane's requests to the pager that are not answered yet. One thread. */
final class PageRequests {
    private final Map<Long, Request> open = new LinkedHashMap<>();
    private long lastId;
    private int stores;

    long open(Request request) {
        open.put(++lastId, request);
        stores += request.isStore ? 1 : 0;
        return lastId;
    }

    /** Closes and returns a request; null when none is open under the id (any more). */
    @Nullable
    Request close(long id) {
        Request request = open.remove(id);
        if (request != null && request.isStore) {
            stores--;
        }
        return request;
    }

    /** Ids of the requests sent before a time. */
    List<Long> sentBefore(long timeNs) {
        List<Long> ids = new ArrayList<>();
        open.forEach((id, request) -> {
            if (request.sentNs < timeNs) {
                ids.add(id);
            }
        });
        return ids;
    }

    boolean has(SimulatedVm vm) {
        return open.values().stream().anyMatch(request -> request.vm == vm);
    }

    boolean isFetching(SimulatedVm vm, long gfn, long version) {
        return open.values().stream()
                .anyMatch(request ->
                        request.vm == vm && !request.isStore && request.gfn == gfn && request.version == version);
    }

    /** The pages of a memslot are gone: what still comes for them concerns nobody. */
    void orphan(SimulatedVm vm, long firstGfn, long endGfn) {
        for (Request request : open.values()) {
            if (request.vm == vm && request.gfn >= firstGfn && request.gfn < endGfn) {
                request.orphaned = true;
            }
        }
    }

    int stores() {
        return stores;
    }

    int size() {
        return open.size();
    }

    /** A request under way. */
    static final class Request {
        final SimulatedVm vm;
        final int frame;
        final long gfn;
        final long version;
        final int crc;
        final boolean isStore;
        final long sentNs;
        boolean orphaned;

        Request(SimulatedVm vm, int frame, StoreKey page, int crc, boolean isStore, long sentNs) {
            this.vm = vm;
            this.frame = frame;
            this.gfn = page.gfn();
            this.version = page.version();
            this.crc = crc;
            this.isStore = isStore;
            this.sentNs = sentNs;
        }
    }
}
