// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SummaryTableTest {
    @Test
    void aNewcomerSeesHowFaultsEndedAndWhatWasChecked() {
        String table = SummaryTable.of(Results.result(List.of(), List.of("a note")), Results.CLEAN_TRAIL);

        assertThat(table.lines())
                .contains(
                        "201,964 faults in 48.1 s: 4,197 a second (after 3.3 s to fill the memory)",
                        "  asynchronous, woken by page-ready                     150,000    74.3 %",
                        "  synchronous, the vCPU stood still                      20,000     9.9 %",
                        "  area busy                                              15,000     7.4 %",
                        "How long they took                                          p50       p99     p99.9       max",
                        "  asynchronous, until page-ready                          480 µs    1.9 ms    3.5 ms    2.50 s",
                        "  … of pages back from the swap store                   120,000",
                        "  pages read back when all was done                      48,000",
                        "Note: a note",
                        "Every invariant held.");
    }

    @Test
    void whatDidNotHoldIsSaidLast() {
        String table = SummaryTable.of(Results.result(List.of("one", "two"), List.of()), null);

        assertThat(table).endsWith("NOT HELD:\n  - one\n  - two\n").doesNotContain("audit");
    }
}
