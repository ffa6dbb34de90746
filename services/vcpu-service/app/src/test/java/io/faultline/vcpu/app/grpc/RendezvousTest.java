// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.faultline.model.PageSize;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RendezvousTest {
    private static final int EXTENTS = 30_000;

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5, 16})
    void everyPagerHasAboutItsShare(int pagers) {
        Map<String, Integer> shares = new HashMap<>();
        for (String owner : owners(addresses(pagers))) {
            shares.merge(owner, 1, Integer::sum);
        }

        assertThat(shares).hasSize(pagers);
        assertThat(shares.values())
                .allSatisfy(
                        share -> assertThat(share * (double) pagers / EXTENTS).isCloseTo(1, within(0.1)));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5, 16})
    void aPagerThatComesTakesItsShareAndNothingElseMoves(int pagers) {
        List<String> before = owners(addresses(pagers - 1));
        List<String> after = owners(addresses(pagers));

        int[] moved = IntStream.range(0, EXTENTS)
                .filter(extent -> !before.get(extent).equals(after.get(extent)))
                .toArray();

        assertThat(Arrays.stream(moved).mapToObj(after::get))
                .as("those that moved, moved to the new one")
                .containsOnly(addresses(pagers).getLast());
        assertThat(moved.length * (double) pagers / EXTENTS).isCloseTo(1, within(0.1));
    }

    @ParameterizedTest
    @EnumSource(PageSize.class)
    void pagesOf2MibStayTogether(PageSize pageSize) {
        long pages = (2L << 20) / pageSize.bytes();

        for (long gfn = 7 * pages; gfn < 8 * pages; gfn++) {
            assertThat(Rendezvous.extent(1, gfn, pageSize)).isEqualTo(Rendezvous.extent(1, 7 * pages, pageSize));
        }
        assertThat(Rendezvous.extent(1, 8 * pages, pageSize)).isNotEqualTo(Rendezvous.extent(1, 7 * pages, pageSize));
        assertThat(Rendezvous.extent(2, 7 * pages, pageSize)).isNotEqualTo(Rendezvous.extent(1, 7 * pages, pageSize));
    }

    @Test
    void everyProcessOfEveryReleaseWeighsAlike() {
        assertThat(Rendezvous.weight(
                        Rendezvous.extent(42, 0x4_2000, PageSize.SIZE_4K), Rendezvous.pager("10.0.0.1:7002")))
                .as("another value moves every extent of a cluster that is being upgraded")
                .isEqualTo(5_312_324_869_327_144_590L);
    }

    private static List<String> addresses(int pagers) {
        return IntStream.range(0, pagers)
                .mapToObj(i -> "10.0.0." + (i + 1) + ":7002")
                .toList();
    }

    private static List<String> owners(List<String> addresses) {
        return IntStream.range(0, EXTENTS)
                .mapToObj(
                        extent -> owner(Rendezvous.extent(extent % 3, (long) extent << 9, PageSize.SIZE_4K), addresses))
                .toList();
    }

    private static String owner(long extent, List<String> addresses) {
        return addresses.stream()
                .max((a, b) -> Long.compare(
                        Rendezvous.weight(extent, Rendezvous.pager(a)), Rendezvous.weight(extent, Rendezvous.pager(b))))
                .orElseThrow();
    }
}
