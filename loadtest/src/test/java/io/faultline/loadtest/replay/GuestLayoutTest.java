// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.loadtest.trace.AddressMap;
import io.faultline.loadtest.trace.Memslot;
import io.faultline.loadtest.trace.Traces;
import io.faultline.model.PageSize;
import java.util.List;
import org.junit.jupiter.api.Test;

class GuestLayoutTest {
    @Test
    void sharedAreasLieInAMemslotOfTheirOwnBehindTheRecordedPages() {
        AddressMap pages = AddressMap.of(new long[] {0x1000, 0x9000}, PageSize.SIZE_4K, 511);

        GuestLayout layout = GuestLayout.of(pages, 33, PageSize.SIZE_4K);

        long areaGfn = AddressMap.BASE_GFN + 512;
        assertThat(layout.memslots()).last().isEqualTo(new Memslot(2, areaGfn, 2));
        assertThat(layout.areaIpa()).isEqualTo(areaGfn << 12);
    }

    @Test
    void aRecordingWithManyRunsStaysWithinTheBoundOfMemslots() {
        GuestLayout layout = GuestLayout.of(Traces.load(Traces.REDIS).addressMap(), 4096, PageSize.SIZE_4K);

        List<Memslot> memslots = layout.memslots();
        assertThat(memslots).hasSize(GuestLayout.MEMSLOTS_MAX);
        assertThat(memslots.stream().map(Memslot::slot)).doesNotHaveDuplicates();
        assertThat(memslots.getLast().pages()).isEqualTo(4096 * 128 / 4096);
    }
}
