// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.model.PageSize;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class AddressMapTest {
    private static final long BASE = AddressMap.BASE_GFN;

    @Test
    void aRunOfNeighboursIsAMemslot() {
        AddressMap map = AddressMap.of(addresses(0x10, 0x11, 0x12, 0x20, 0x21), PageSize.SIZE_4K, 511);

        assertThat(map.memslots()).containsExactly(new Memslot(0, BASE, 3), new Memslot(1, BASE + 3, 2));
    }

    @Test
    void theSmallestGapsAreJoinedFirst() {
        AddressMap map = AddressMap.of(addresses(0x10, 0x13, 0x15, 0x30), PageSize.SIZE_4K, 2);

        assertThat(map.memslots()).containsExactly(new Memslot(0, BASE, 3), new Memslot(1, BASE + 3, 1));
    }

    @Test
    void ofEqualGapsTheLowerIsJoinedFirst() {
        AddressMap map = AddressMap.of(addresses(0x10, 0x12, 0x14), PageSize.SIZE_4K, 2);

        assertThat(map.memslots()).containsExactly(new Memslot(0, BASE, 2), new Memslot(1, BASE + 2, 1));
    }

    @Test
    void addressesOfTheUpperHalfComeAfterTheLower() {
        AddressMap map = AddressMap.of(new long[] {0xFFFF_8000_0000_0000L, 0x1000}, PageSize.SIZE_4K, 511);

        assertThat(map.pageIndex(0x1FFF)).isZero();
        assertThat(map.pageIndex(0xFFFF_8000_0000_0FFFL)).isOne();
        assertThat(map.virtualAddress(1)).isEqualTo(0xFFFF_8000_0000_0000L);
    }

    @Test
    void anAddressOutsideTheRecordingHasNoPage() {
        AddressMap map = AddressMap.of(addresses(0x10), PageSize.SIZE_4K, 511);

        assertThatThrownBy(() -> map.pageIndex(0x11_000)).hasMessageContaining("0x11000");
    }

    @RepeatedTest(50)
    void framesAreDenseInOrderAndCoveredByTheMemslotsOnce(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        PageSize pageSize = PageSize.ofBytes(4096 << (2 * random.nextInt(3)));
        int memslotsMax = 1 + random.nextInt(20);
        long[] addresses = random.longs(1 + random.nextInt(400), 0, 1L << (20 + random.nextInt(12)))
                .toArray();
        TreeSet<Long> pages = new TreeSet<>();
        for (long address : addresses) {
            pages.add(address >>> pageSize.shift());
        }

        AddressMap map = AddressMap.of(addresses, pageSize, memslotsMax);

        assertThat(map.pageCount()).isEqualTo(pages.size());
        int index = 0;
        for (long page : pages) {
            assertThat(map.pageIndex(page << pageSize.shift())).isEqualTo(index);
            assertThat(map.gfn(index)).isEqualTo(BASE + index);
            index++;
        }
        List<Memslot> slots = map.memslots();
        assertThat(slots).hasSizeBetween(1, memslotsMax);
        long next = BASE;
        for (int slot = 0; slot < slots.size(); slot++) {
            assertThat(slots.get(slot).slot()).isEqualTo(slot);
            assertThat(slots.get(slot).baseGfn()).isEqualTo(next);
            next += slots.get(slot).pages();
        }
        assertThat(next).isEqualTo(BASE + pages.size());
    }

    private static long[] addresses(long... pages) {
        long[] addresses = new long[pages.length];
        for (int i = 0; i < pages.length; i++) {
            addresses[i] = pages[i] << 12 | 0x123;
        }
        return addresses;
    }
}
