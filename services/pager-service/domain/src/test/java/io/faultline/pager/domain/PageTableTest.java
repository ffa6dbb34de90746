// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

class PageTableTest {
    private static final int CELLS = 256;
    private static final int STEPS = 20_000;

    @RepeatedTest(5)
    void findsWhatAMapFinds(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        PageTable table = new PageTable(CELLS);
        Map<List<Long>, Integer> model = new HashMap<>();
        ArrayDeque<Integer> free = new ArrayDeque<>();
        for (int cell = 0; cell < CELLS; cell++) {
            free.add(cell);
        }

        for (int step = 0; step < STEPS; step++) {
            List<Long> name = List.of(1 + random.nextLong(2), random.nextLong(300), random.nextLong(2));
            Integer known = model.get(name);
            assertThat(table.find(name.get(0), name.get(1), name.get(2)))
                    .isEqualTo(known == null ? PageTable.NONE : known);
            if (known != null) {
                table.removeFromIndex(known);
                model.remove(name);
                free.add(known);
            } else if (!free.isEmpty()) {
                int cell = free.remove();
                table.begin(cell, PageTable.RESIDENT, name.get(0), name.get(1), name.get(2));
                table.addToIndex(cell);
                model.put(name, cell);
            }
            assertThat(table.indexed()).isEqualTo(model.size());
        }
    }
}
