// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.model.AsyncPf;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class FaultTableTest {
    private final FaultTable table = new FaultTable();

    @Test
    @Tag("C8")
    void homesAreTheKernelsHash() {
        assertThat(LongStream.range(0, 10).map(FaultTable::home).toArray())
                .containsExactly(0, 24, 48, 9, 33, 58, 18, 43, 3, 28);
    }

    @Test
    @Tag("C3")
    void aRemovalShiftsTheClusterBack() {
        for (long gfn : new long[] {0x54, 0x8b, 0xad, 0x32}) {
            table.insert(gfn);
        }
        assertThat(cells(5, 9)).containsExactly(0x54, 0x8b, 0xad, 0x32);

        table.remove(0x54);

        assertThat(cells(5, 9)).containsExactly(0x8b, 0xad, 0x32, -1);
        assertThat(table.contains(0x8b)).isTrue();
        assertThat(table.contains(0xad)).isTrue();
        assertThat(table.contains(0x32)).isTrue();
        assertThat(table.contains(0x54)).isFalse();
    }

    @Test
    @Tag("C5")
    void aSearchOfAFullTableEnds() {
        LongStream.range(0, AsyncPf.WORKS_PER_VCPU).forEach(table::insert);

        assertThat(table.contains(1_000)).isFalse();
        assertThatThrownBy(() -> table.insert(1_000)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    @Tag("C6")
    void removingWhatIsAbsentChangesNothing() {
        table.insert(1);

        assertThat(table.remove(2)).isFalse();
        assertThat(table.size()).isEqualTo(1);
    }

    @Test
    @Tag("C7")
    void frameNumbersThatShareTheirLowBitsStayApart() {
        table.insert(0x5);

        assertThat(FaultTable.home(0x1_0000_0005L))
                .isEqualTo(FaultTable.home(0x5))
                .isEqualTo(58);
        assertThat(table.contains(0x1_0000_0005L)).isFalse();
    }

    @RepeatedTest(50)
    void behavesAsASet(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        Set<Long> model = new HashSet<>();

        for (int step = 0; step < 5_000; step++) {
            // Few distinct values per home, and 36 bits wide: collisions and wrap-around are the rule.
            long gfn = random.nextLong(80) << random.nextInt(29);
            if (model.contains(gfn)) {
                assertThat(table.remove(gfn)).isTrue();
                model.remove(gfn);
            } else if (model.size() < AsyncPf.WORKS_PER_VCPU) {
                assertThat(table.contains(gfn)).isFalse();
                table.insert(gfn);
                model.add(gfn);
            }
        }

        assertThat(model).allMatch(table::contains).hasSize(table.size());
    }

    private long[] cells(int from, int to) {
        return LongStream.range(from, to).map(cell -> table.cell((int) cell)).toArray();
    }
}
