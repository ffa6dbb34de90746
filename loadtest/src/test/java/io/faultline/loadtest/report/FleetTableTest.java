// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.faultline.loadtest.replay.ReplayResult;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class FleetTableTest {
    private static final Map<Long, ReplayResult> HELD = results(List.of());
    private static final Map<Long, ReplayResult> BROKEN = results(List.of("a token was invalid"));

    @Test
    void eachVmHasALineAndAllHaveOne() {
        String table = FleetTable.of(HELD, Results.TRAIL_WITH_A_GAP);

        assertThat(table.lines().map(line -> line.strip().replaceAll(" +", " ")))
                .startsWith(
                        "VM faults a second async p50 ms p99 ms mismatches",
                        "7 201,964 4,197 74.8 % 0.53 2.60 0",
                        "8 201,964 4,197 74.8 % 0.53 2.60 0",
                        "all 403,928 8,394 74.8 % 0")
                .contains(
                        "p50 and p99: from when an access was due until its page was there.",
                        "34,567 audit steps, 1 missing or doubled, 2 against a rule.",
                        "Note: VM 8: a note",
                        "NOT HELD:",
                        "- the audit trail has 1 gaps and 2 violations");
    }

    @Test
    void whatDidNotHoldNamesItsVm() {
        assertThat(FleetTable.of(HELD, null)).endsWith("Every invariant held, in every VM.\n");
        assertThat(FleetTable.of(BROKEN, null))
                .contains("  - VM 8: a token was invalid\n")
                .doesNotContain("VM 7:");
    }

    @Test
    void theObjectHasEachVmAndTheirSums() {
        JsonObject json = JsonParser.parseString(ReportJson.of(BROKEN, Results.TRAIL_WITH_A_GAP))
                .getAsJsonObject();

        assertThat(json.get("faults").getAsLong()).isEqualTo(403_928);
        assertThat(json.get("tokens_issued").getAsLong()).isEqualTo(302_000);
        assertThat(json.get("broken_invariants").getAsJsonArray()).hasSize(2);
        assertThat(json.getAsJsonArray("vms")).hasSize(2);
        JsonObject second = json.getAsJsonArray("vms").get(1).getAsJsonObject();
        assertThat(second.get("vm_id").getAsLong()).isEqualTo(8);
        assertThat(second.get("faults").getAsLong()).isEqualTo(201_964);
        assertThat(second.has("audit")).isFalse();
    }

    private static Map<Long, ReplayResult> results(List<String> brokenOfSecond) {
        return new TreeMap<>(Map.of(
                7L, Results.result(List.of(), List.of()), 8L, Results.result(brokenOfSecond, List.of("a note"))));
    }
}
