// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.faultline.audit.verify.AuditReport;
import io.faultline.loadtest.replay.ReplayResult;
import io.faultline.soak.course.Course;
import io.faultline.soak.strike.StrikeKind;
import io.faultline.soak.strike.StrikeRecord;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SoakReportTest {
    @Test
    void theJsonCountsEveryKindOfStrikeAndNamesThoseThereWereInOrder() {
        JsonObject json = JsonParser.parseString(SoakJson.of(result(List.of()))).getAsJsonObject();

        JsonObject strikes = json.getAsJsonObject("strikes");
        assertThat(strikes.getAsJsonObject("pager_killed").toString())
                .isEqualTo("{\"survived\":2,\"outage_s_max\":4.5,\"recovery_s_max\":0.25}");
        assertThat(strikes.getAsJsonObject("master_killed").get("survived").getAsInt())
                .isZero();
        assertThat(strikes.getAsJsonArray("in_order")).hasSize(3);
        assertThat(strikes.keySet()).hasSize(StrikeKind.values().length + 1);
        assertThat(json.getAsJsonObject("read_back").toString())
                .isEqualTo("{\"pages\":48000,\"wrong\":0,\"lost\":0,\"retries\":2}");
        assertThat(json.getAsJsonObject("audit").get("steps").getAsLong()).isEqualTo(700_000);
        assertThat(json.get("longest_standstill_s").getAsDouble()).isEqualTo(5.125);
        assertThat(json.getAsJsonObject("course").get("judged").getAsBoolean()).isFalse();
        assertThat(json.getAsJsonArray("broken_invariants")).isEmpty();
    }

    @Test
    void theTableSaysWhatWasSurvivedAndThatItHeld() {
        assertThat(SoakTable.of(result(List.of())).lines())
                .contains(
                        "3 guests at a time, 5 in all, in 121 s over 3 pagers and a Redis Cluster of six, with chaos from seed 42",
                        "  a pager killed (kill -9), and started again                     2           4.5 s             0.3 s",
                        "  pages read back, each byte                                 48,000",
                        "  slowest fault                                                 6.5 s",
                        "Every page is what its guest last wrote, and every token ended once.");
    }

    @Test
    void whatDidNotHoldIsSaidLast() {
        SoakResult broken = result(List.of("VM 2: 1 pages of VM 2 are lost: gfn 0x40046: DATA_LOSS"));

        assertThat(broken.hasHeld()).isFalse();
        assertThat(SoakTable.of(broken))
                .endsWith("NOT HELD:\n  - VM 2: 1 pages of VM 2 are lost: gfn 0x40046: DATA_LOSS\n");
    }

    private static SoakResult result(List<String> broken) {
        return new SoakResult(
                new SoakSettings(
                        Duration.ofMinutes(2),
                        true,
                        42,
                        new SoakSettings.Load(3, 2_048, 40_000, 1_000),
                        Path.of("."),
                        Path.of(".")),
                121.4,
                new SoakCounts(
                        5,
                        100_000,
                        60_000,
                        0,
                        100_000,
                        0,
                        30_000,
                        40_000,
                        new ReplayResult.ReadBack(48_000, 0, 0, 2),
                        6.5),
                List.of(
                        new StrikeRecord(StrikeKind.PAGER_KILLED, "pager-1", 4.5, 0.125),
                        new StrikeRecord(StrikeKind.PAGER_STALLED, "pager-0", 1, 0.5),
                        new StrikeRecord(StrikeKind.PAGER_KILLED, "pager-2", 3, 0.25)),
                new VcpuMeters(90_000, 12),
                5.125,
                new Course(List.of(), 121.4),
                new AuditReport(900, 0, 700_000, 10, 0, 0, AuditReport.Lost.NOTHING, 0, Map.of(), List.of()),
                broken);
    }
}
