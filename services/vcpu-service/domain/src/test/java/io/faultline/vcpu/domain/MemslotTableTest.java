// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Objects;
import org.junit.jupiter.api.Test;

class MemslotTableTest {
    private final MemslotTable table = new MemslotTable();

    @Test
    void pagesAreNumberedOnThroughTheSlots() {
        table.add(new Memslot(0, 0x1000, 16, false));
        table.add(new Memslot(1, 0x100, 8, false));

        assertThat(page(0x1000)).isZero();
        assertThat(page(0x100f)).isEqualTo(15);
        assertThat(page(0x100)).isEqualTo(16);
        assertThat(page(0x107)).isEqualTo(23);
        assertThat(Objects.requireNonNull(table.find(0x107)).gfn(23)).isEqualTo(0x107);
        assertThat(table.find(0x108)).isNull();
        assertThat(table.find(0xfff)).isNull();
        assertThat(table.find(0x1010)).isNull();
        assertThat(table.memslots()).extracting(Memslot::slot).containsExactly(1, 0);
    }

    @Test
    void aSlotTakesTheFirstGapThatIsLargeEnough() {
        table.add(new Memslot(0, 0x100, 8, false));
        table.add(new Memslot(1, 0x200, 4, false));
        table.add(new Memslot(2, 0x300, 8, false));
        table.remove(Objects.requireNonNull(table.ofSlot(1)));

        table.add(new Memslot(3, 0x400, 5, false));
        table.add(new Memslot(4, 0x500, 4, false));

        assertThat(page(0x400)).as("too large for the gap").isEqualTo(20);
        assertThat(page(0x500)).as("just fits").isEqualTo(8);
    }

    @Test
    void aVmHasSoManyPagesAndNoMore() {
        table.add(new Memslot(0, 0, MachineSpec.PAGES_MAX - 1, false));
        long next = MachineSpec.PAGES_MAX;

        assertThatThrownBy(() -> table.add(new Memslot(1, next, 2, false)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected: at most 268435456 in a VM, 268435455 are in use");
        table.add(new Memslot(1, next, 1, false));
        assertThat(page(next)).isEqualTo(MachineSpec.PAGES_MAX - 1);
    }

    private int page(long gfn) {
        return Objects.requireNonNull(table.find(gfn)).page(gfn);
    }
}
