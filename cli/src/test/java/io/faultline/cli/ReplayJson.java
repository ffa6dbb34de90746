// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads the JSON object that a replay wrote, and asserts what must hold of every one. */
final class ReplayJson {
    private ReplayJson() {}

    static JsonObject read(Path file) throws IOException {
        return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    }

    /** Every fault ended once, nothing was read wrong, the audit trail is whole. */
    static void requireSound(JsonObject result, long faults) {
        assertThat(result.get("faults").getAsLong()).isEqualTo(faults);
        assertThat(result.getAsJsonObject("outcomes").asMap().values().stream()
                        .mapToLong(JsonElement::getAsLong)
                        .sum())
                .isEqualTo(faults);
        assertThat(result.get("integrity_checks").getAsLong()).isPositive();
        assertThat(result.get("integrity_mismatches").getAsLong()).isZero();
        JsonObject audit = result.getAsJsonObject("audit");
        assertThat(audit.get("steps").getAsLong()).isGreaterThan(2 * faults);
        assertThat(audit.get("gaps").getAsLong()).isZero();
        assertThat(audit.get("violations").getAsLong()).isZero();
    }

    /** How many faults ended by a page-ready. */
    static long resolvedReady(JsonObject result) {
        return outcome(result, "resolved_ready");
    }

    /** How many faults ended in this way. */
    static long outcome(JsonObject result, String kind) {
        JsonElement count = result.getAsJsonObject("outcomes").get(kind);
        return count == null ? 0 : count.getAsLong();
    }
}
