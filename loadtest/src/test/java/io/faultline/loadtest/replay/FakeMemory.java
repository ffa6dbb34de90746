// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import io.grpc.Status;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** Pages of 4 KiB, of which the ones used last are resident. The others would be in a swap store. */
final class FakeMemory {
    private static final int SHIFT = 12;

    private final Map<Long, byte[]> pages = new HashMap<>();
    private final Set<Long> resident = new LinkedHashSet<>();
    private final int residentMax;
    private long loads;
    private long loadToSpoil = -1;
    private long lostAtRest = -1;
    private long zeroAtRest = -1;
    private int readsToRefuse;
    private long failAfter = Long.MAX_VALUE;
    private long swallowAfter = Long.MAX_VALUE;
    private long loseReadyAfter = Long.MAX_VALUE;

    FakeMemory(int residentMax) {
        this.residentMax = residentMax;
    }

    /** The load of that number, from 1, brings zeros. */
    void spoilLoad(long number) {
        loadToSpoil = number;
    }

    /** The first fault after so many loads fails. */
    void failAfter(long number) {
        failAfter = number;
    }

    /** The first fault after so many loads is never answered. */
    void swallowAfter(long number) {
        swallowAfter = number;
    }

    /** The first notification of a ready page after so many loads does not reach the guest. */
    void loseReadyAfter(long number) {
        loseReadyAfter = number;
    }

    /** The page of that gfn is in no tier when the host reads it. */
    void loseAtRest(long gfn) {
        lostAtRest = gfn;
    }

    /** The page of that gfn is zeros when the host reads it. */
    void zeroAtRest(long gfn) {
        zeroAtRest = gfn;
    }

    /** So many of the host's reads find the tiers unavailable. */
    void refuseReads(int number) {
        readsToRefuse = number;
    }

    /** What the host reads; {@code DATA_LOSS} or {@code UNAVAILABLE} if it cannot be had. */
    byte[] read(long ipa, int lengthBytes) {
        if (readsToRefuse-- > 0) {
            throw Status.UNAVAILABLE.asRuntimeException();
        }
        byte[] data = new byte[lengthBytes];
        for (int offset = 0; offset < lengthBytes; offset += 1 << SHIFT) {
            long gfn = (ipa + offset) >>> SHIFT;
            if (gfn == lostAtRest) {
                throw Status.DATA_LOSS.withDescription("it is in no tier").asRuntimeException();
            }
            if (gfn != zeroAtRest) {
                System.arraycopy(page(ipa + offset), 0, data, offset, 1 << SHIFT);
            }
        }
        return data;
    }

    boolean swallowsNow() {
        boolean swallows = loads >= swallowAfter;
        swallowAfter = swallows ? Long.MAX_VALUE : swallowAfter;
        return swallows;
    }

    boolean losesReadyNow() {
        boolean loses = loads >= loseReadyAfter;
        loseReadyAfter = loses ? Long.MAX_VALUE : loseReadyAfter;
        return loses;
    }

    boolean isResident(long ipa) {
        return resident.contains(ipa >>> SHIFT);
    }

    boolean failsNow() {
        boolean fails = loads >= failAfter;
        failAfter = fails ? Long.MAX_VALUE : failAfter;
        return fails;
    }

    void write(long ipa, byte[] data) {
        for (int offset = 0; offset < data.length; offset += 1 << SHIFT) {
            byte[] page = page(ipa + offset);
            System.arraycopy(data, offset, page, 0, page.length);
        }
    }

    /** Makes a page resident, loads from it, then stores to it. */
    byte[] access(long ipa, int loadBytes, byte[] store) {
        loads++;
        long gfn = ipa >>> SHIFT;
        resident.remove(gfn);
        resident.add(gfn);
        if (resident.size() > residentMax) {
            resident.remove(resident.iterator().next());
        }
        byte[] page = page(ipa);
        int offset = (int) (ipa & ((1 << SHIFT) - 1));
        byte[] loaded = Arrays.copyOfRange(page, offset, offset + loadBytes);
        System.arraycopy(store, 0, page, offset, store.length);
        return loads == loadToSpoil ? new byte[loadBytes] : loaded;
    }

    private byte[] page(long ipa) {
        return pages.computeIfAbsent(ipa >>> SHIFT, gfn -> new byte[1 << SHIFT]);
    }
}
