// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import io.faultline.vcpu.app.host.HostedVm;
import io.faultline.vcpu.domain.PageImport;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The requests to one pager that are not answered yet. A request's id is its place here and, above it, a number that no
 * other request bears, so that an answer which comes after its request was given up finds nothing. Loop thread only.
 */
final class PageRequests {
    private static final int PLACES_AT_FIRST = 64;
    private static final int PLACE_BITS = 32;
    private static final int NO_FRAME = -1;

    private @Nullable HostedVm[] vms = new HostedVm[PLACES_AT_FIRST];
    private long[] ids = new long[PLACES_AT_FIRST];
    private int[] frames = new int[PLACES_AT_FIRST];
    private int[] crcs = new int[PLACES_AT_FIRST];
    private boolean[] stores = new boolean[PLACES_AT_FIRST];
    private @Nullable PageImport[] imports = new PageImport[PLACES_AT_FIRST];
    private long[] sentNs = new long[PLACES_AT_FIRST];
    private int[] free = new int[PLACES_AT_FIRST];
    private int places;
    private int freeCount;
    private int number;
    private int size;

    /** Whether none is open. */
    boolean isEmpty() {
        return size == 0;
    }

    /** Notes a request; returns its place. */
    int open(HostedVm vm, int frame, int crc, boolean store, long nowNs) {
        size++;
        vm.pageRequestOpened();
        int place = freeCount > 0 ? free[--freeCount] : newPlace();
        vms[place] = vm;
        ids[place] = (long) ++number << PLACE_BITS | place;
        frames[place] = frame;
        crcs[place] = crc;
        stores[place] = store;
        sentNs[place] = nowNs;
        return place;
    }

    /** Notes the store of a page of an image; returns its place. */
    int openImport(HostedVm vm, PageImport page, long nowNs) {
        int place = open(vm, NO_FRAME, page.crc(), true, nowNs);
        imports[place] = page;
        return place;
    }

    /** The page of an image that the open request at a place is about; null if it is about a frame. */
    @Nullable
    PageImport imported(int place) {
        return imports[place];
    }

    /** The id of the request at a place. */
    long id(int place) {
        return ids[place];
    }

    /** The place of the open request with this id, or -1. */
    int find(long id) {
        int place = (int) id;
        return place >= 0 && place < places && vms[place] != null && ids[place] == id ? place : -1;
    }

    /** The VM whose request is at a place, or null where none is open. */
    @Nullable
    HostedVm vm(int place) {
        return vms[place];
    }

    /** The frame that the open request at a place is about. */
    int frame(int place) {
        return frames[place];
    }

    /** The CRC-32C of the page: expected with a fetch, sent with a store. */
    int crc(int place) {
        return crcs[place];
    }

    /** Whether the open request at a place is a store; else it is a fetch. */
    boolean isStore(int place) {
        return stores[place];
    }

    /** When the request at a place was sent. */
    long sentNs(int place) {
        return sentNs[place];
    }

    /** Forgets the open request at a place. */
    void close(int place) {
        HostedVm vm = vms[place];
        if (vm == null) {
            throw new IllegalArgumentException("place: " + place + " has no request (expected: an open one)");
        }
        size--;
        vm.pageRequestClosed();
        vms[place] = null;
        imports[place] = null;
        free[freeCount++] = place;
    }

    /** Places 0 to this, less 1, may hold open requests. */
    int places() {
        return places;
    }

    private int newPlace() {
        if (places == frames.length) {
            int length = 2 * places;
            vms = Arrays.copyOf(vms, length);
            ids = Arrays.copyOf(ids, length);
            frames = Arrays.copyOf(frames, length);
            crcs = Arrays.copyOf(crcs, length);
            stores = Arrays.copyOf(stores, length);
            imports = Arrays.copyOf(imports, length);
            sentNs = Arrays.copyOf(sentNs, length);
            free = Arrays.copyOf(free, length);
        }
        return places++;
    }
}
