// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.faultline.audit.verify.AuditReport;
import io.faultline.loadtest.replay.ReplayResult;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReportJsonTest {
    private static final String EXPECTED = """
            {
              "faults": 201964,
              "faults_retried": 0,
              "outcomes": {
                "mapped_resident": 30964,
                "mapped_zero_fill": 0,
                "mapped_sync": 20000,
                "resolved_ready": 150000,
                "resolved_cancelled": 1000,
                "resolved_dropped": 0,
                "failed": 0
              },
              "sync_reasons": {
                "area_busy": 15000,
                "ready_unacknowledged": 5000
              },
              "tokens_issued": 151000,
              "not_present_delivered": 150000,
              "page_ready_delivered": 150000,
              "cancelled": 1000,
              "wake_all": 1,
              "integrity_checks": 201964,
              "integrity_checks_swap_store": 120000,
              "integrity_mismatches": 0,
              "read_back": {
                "pages": 48000,
                "wrong": 0,
                "lost": 0,
                "retries": 2
              },
              "pages_written_out": 60000,
              "tiers": {
                "dram": 51000,
                "compressed": 0,
                "swap_store": 120000
              },
              "audit": {
                "steps": 34567,
                "records": 12,
                "gaps": 0,
                "violations": 0
              },
              "latency_us": {
                "sync": {
                  "p50": 210.5,
                  "p99": 900.0,
                  "p999": 1500.25,
                  "max": 20000.0
                },
                "async": {
                  "p50": 480.125,
                  "p99": 1900.0,
                  "p999": 3500.0,
                  "max": 2500000.0
                }
              },
              "open_loop": {
                "wanted_per_s": 5000.0,
                "late_us": {
                  "p50": 50.5,
                  "p99": 700.0,
                  "p999": 900.0,
                  "max": 1000000.0
                },
                "since_due_us": {
                  "p50": 530.5,
                  "p99": 2600.0,
                  "p999": 4400.0,
                  "max": 3500000.0
                }
              },
              "populate_s": 3.25,
              "elapsed_s": 48.123,
              "faults_per_s": 4196.8,
              "bad_lines": 0,
              "broken_invariants": [],
              "notes": []
            }""";

    @Test
    void theKeysAndTheirOrderAreTheCommandsContract() {
        String json = json(Results.result(List.of(), List.of()), Results.CLEAN_TRAIL);

        assertThat(json.replaceAll("\"faults_per_s\": [0-9.]+", "\"faults_per_s\": 4196.8"))
                .isEqualTo(EXPECTED);
    }

    @Test
    void aTrailThatWasNotVerifiedIsNull() {
        String json = json(Results.result(List.of(), List.of()), null);

        assertThat(parsed(json).get("audit").isJsonNull()).isTrue();
    }

    @Test
    void theTrailsFindingsAreAmongTheBrokenInvariants() {
        String json = json(Results.result(List.of("one"), List.of()), Results.TRAIL_WITH_A_GAP);

        assertThat(parsed(json).get("broken_invariants").toString())
                .isEqualTo("[\"one\",\"the audit trail has 1 gaps and 2 violations\"]");
    }

    private static String json(ReplayResult result, @Nullable AuditReport audit) {
        return JsonText.of(ReportJson.object(result, audit));
    }

    private static JsonObject parsed(String json) {
        return JsonParser.parseString(json).getAsJsonObject();
    }
}
