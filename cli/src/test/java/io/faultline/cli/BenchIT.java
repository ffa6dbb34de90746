// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each benchmark against peers runs, and tells what it should. Its figures are not looked at: it runs cold. */
class BenchIT {
    private static final String HOME = "faultline.home";

    @TempDir
    private Path directory;

    @BeforeAll
    static void theServicesJarsAreInTheRepository() {
        System.setProperty(HOME, "..");
    }

    @AfterAll
    static void restore() {
        System.clearProperty(HOME);
    }

    @ParameterizedTest
    @CsvSource({
        "pages, pages_64_in_flight_4, faultline, faultline_over_redis_java, server_cpu_us_a_page",
        "faults, in_flight_64, audit, no_audit_over_grpc, phase_3_raised_to_page_ready_p50_us",
        "store, fetch_in_flight_16, rocksdb, redis_over_rocksdb, p99_us",
        "regret, pages_64_in_flight_4, no_regret, regret_over_no_regret, server_cpu_us_a_page"
    })
    void runsAndItsJsonHasTheFiguresOfEveryPeer(String bench, String shape, String peer, String ratio, String figure)
            throws IOException {
        Path json = directory.resolve("figures.json");

        int exit = Faultline.commandLine().execute("bench", bench, "--short", "--json", json.toString());

        assertThat(exit).isZero();
        JsonObject figures = JsonParser.parseString(Files.readString(json)).getAsJsonObject();
        assertThat(figures.get("bench").getAsString()).isEqualTo(bench);
        assertThat(figures.getAsJsonObject("facts").keySet())
                .contains("machine", "versions", "command", "rounds", "load average");
        assertThat(figures.getAsJsonObject("ratios")
                        .getAsJsonObject(shape)
                        .get(ratio)
                        .getAsDouble())
                .isPositive();
        JsonObject measured =
                figures.getAsJsonObject("shapes").getAsJsonObject(shape).getAsJsonObject(peer);
        assertThat(measured.get("per_s").getAsDouble()).isPositive();
        assertThat(measured.getAsJsonArray("rounds_per_s")).hasSize(1);
        assertThat(measured.has(figure)).isTrue();
    }

    @Test
    void aSettingOutOfRangeIsRefusedBeforeAnythingStarts() {
        assertThat(Faultline.commandLine().execute("bench", "pages", "--request-pages", "65"))
                .isEqualTo(2);
        assertThat(Faultline.commandLine().execute("bench", "faults", "--in-flight", "4097"))
                .isEqualTo(2);
        assertThat(Faultline.commandLine().execute("bench", "store", "--rounds", "0"))
                .isEqualTo(2);
    }
}
