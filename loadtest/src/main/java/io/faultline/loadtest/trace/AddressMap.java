// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import io.faultline.model.PageSize;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Maps the sparse virtual pages of a recording onto dense guest frames. Immutable, safe for use by any thread.
 *
 * <p>The rule: the distinct pages, in ascending order of address (as unsigned numbers), get consecutive frames from
 * {@link #BASE_GFN} on, so neighbours stay neighbours. A run of neighbouring pages becomes a memslot; where that gives
 * more memslots than allowed, the runs with the smallest gaps between them are joined, the lower one first on a tie.
 * Frames are dense all the same: a gap between joined runs takes none.
 */
public final class AddressMap {
    /** The first frame: 1 GiB with 4 KiB pages, where the memory of an arm64 virtual machine usually begins. */
    public static final long BASE_GFN = 0x4_0000L;

    private final long[] pages;
    private final int pageShift;
    private final List<Memslot> memslots;

    private AddressMap(long[] pages, int pageShift, List<Memslot> memslots) {
        this.pages = pages;
        this.pageShift = pageShift;
        this.memslots = memslots;
    }

    /**
     * The map of a set of addresses.
     *
     * @param addresses virtual addresses in any order, with or without repetition; at least one
     * @param memslotsMax how many memslots the pages may use, at least 1
     */
    public static AddressMap of(long[] addresses, PageSize pageSize, int memslotsMax) {
        if (addresses.length == 0) {
            throw new IllegalArgumentException("addresses: none (expected: at least 1)");
        }
        if (memslotsMax < 1) {
            throw new IllegalArgumentException("memslots: " + memslotsMax + " (expected: at least 1)");
        }
        long[] pages = Arrays.stream(addresses)
                .map(address -> address >>> pageSize.shift())
                .sorted()
                .distinct()
                .toArray();
        return new AddressMap(pages, pageSize.shift(), memslots(pages, memslotsMax));
    }

    /** How many distinct pages there are. */
    public int pageCount() {
        return pages.length;
    }

    /** The page size's number of address bits inside a page. */
    public int pageShift() {
        return pageShift;
    }

    /**
     * The index of the page that holds a virtual address, 0 to {@link #pageCount} - 1.
     *
     * @throws IllegalArgumentException for an address on no page of the recording
     */
    public int pageIndex(long address) {
        int index = Arrays.binarySearch(pages, address >>> pageShift);
        if (index < 0) {
            throw new IllegalArgumentException(
                    "address: 0x" + Long.toHexString(address) + " (expected: an address of the recording)");
        }
        return index;
    }

    /** The guest frame of a page. */
    public long gfn(int pageIndex) {
        return BASE_GFN + pageIndex;
    }

    /** The virtual address where a page begins in the recorded process. */
    public long virtualAddress(int pageIndex) {
        return pages[pageIndex] << pageShift;
    }

    /** The memslots, numbered from 0, ascending and without a gap between them. */
    public List<Memslot> memslots() {
        return memslots;
    }

    private static List<Memslot> memslots(long[] pages, int memslotsMax) {
        Comparator<Integer> widestGapFirst = Comparator.comparingLong(page -> pages[page - 1] - pages[page]);
        int[] begins = IntStream.range(1, pages.length)
                .filter(page -> pages[page] - pages[page - 1] > 1)
                .boxed()
                .sorted(widestGapFirst.thenComparing(Comparator.reverseOrder()))
                .limit(memslotsMax - 1L)
                .mapToInt(Integer::intValue)
                .sorted()
                .toArray();
        List<Memslot> slots = new ArrayList<>();
        int begin = 0;
        for (int next : begins) {
            slots.add(new Memslot(slots.size(), BASE_GFN + begin, next - begin));
            begin = next;
        }
        slots.add(new Memslot(slots.size(), BASE_GFN + begin, pages.length - begin));
        return List.copyOf(slots);
    }
}
