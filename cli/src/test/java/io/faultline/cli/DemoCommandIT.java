// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The demo, on a short stretch of a recording with several threads; the whole job is run by the entry script. */
class DemoCommandIT {
    private static final int FAULTS = 12_000;

    @TempDir
    private Path directory;

    @Test
    void aRecordingOfSeveralThreadsRunsOnSeveralVcpus() throws IOException {
        JsonObject result = demo("--vcpus=4", "--tasks=16");

        ReplayJson.requireSound(result, FAULTS);
        assertThat(result.get("wake_all").getAsLong()).isEqualTo(4);
        assertThat(result.get("tokens_issued").getAsLong())
                .isEqualTo(result.get("not_present_delivered").getAsLong())
                .isEqualTo(result.get("page_ready_delivered").getAsLong())
                .isPositive();
    }

    @Test
    void theReportSaysWhatTheJsonObjectSays() throws IOException {
        Path html = directory.resolve("demo.html");

        JsonObject result = demo("--html=" + html);

        JsonObject history = result.getAsJsonObject("history");
        assertThat(sum(history.getAsJsonObject("outcomes").getAsJsonArray("resolved_ready")))
                .isEqualTo(ReplayJson.resolvedReady(result));
        assertThat(sum(history.getAsJsonObject("sources").getAsJsonArray("swap_store")))
                .isEqualTo(result.getAsJsonObject("tiers").get("swap_store").getAsLong());
        assertThat(history.getAsJsonObject("tasks_s").get("parked").getAsDouble())
                .isPositive();
        assertThat(Files.readString(html))
                .contains("Demo of memcached-swap.trace.gz", "Every invariant held", "data-chart=\"policies\"")
                .contains("\"history\":" + history);

        Path again = directory.resolve("again.html");
        assertThat(Faultline.commandLine().execute("report", "--html=" + again, directory.resolve("demo.json") + ""))
                .isZero();
        assertThat(Files.readString(again)).contains("\"history\":" + history);
    }

    private static long sum(JsonArray slots) {
        return slots.asList().stream().mapToLong(JsonElement::getAsLong).sum();
    }

    @Test
    void withoutAsynchronousFaultsEveryMissingPageStopsItsVcpu() throws IOException {
        JsonObject result = demo("--async=off", "--store=memory");

        ReplayJson.requireSound(result, FAULTS);
        assertThat(result.get("tokens_issued").getAsLong()).isZero();
        assertThat(ReplayJson.resolvedReady(result)).isZero();
        assertThat(result.getAsJsonObject("sync_reasons").get("disabled").getAsLong())
                .isEqualTo(ReplayJson.outcome(result, "mapped_sync"))
                .isPositive();
    }

    @Test
    void aGuestThatGoesAwayLeavesNoFaultStuckAndComesBack() throws IOException {
        JsonObject result = demo("--detach-after=3000", "--reattach-after=6000");

        ReplayJson.requireSound(result, result.get("faults").getAsLong());
        assertThat(result.get("faults").getAsLong()).isGreaterThanOrEqualTo(FAULTS);
        assertThat(result.get("wake_all").getAsLong()).isEqualTo(2);
        assertThat(result.getAsJsonObject("sync_reasons").asMap()).containsKey("disabled");
    }

    private JsonObject demo(String... options) throws IOException {
        Path json = directory.resolve("demo.json");
        StringWriter output = new StringWriter();
        CommandLine command = Faultline.commandLine().setOut(new PrintWriter(output));
        String[] arguments = new String[options.length + 5];
        arguments[0] = "demo";
        arguments[1] = "--trace=../loadtest/traces/memcached-swap.trace.gz";
        arguments[2] = "--faults=" + FAULTS;
        arguments[3] = "--resident-pages=1024";
        arguments[4] = "--json=" + json;
        System.arraycopy(options, 0, arguments, 5, options.length);

        int exitCode = command.execute(arguments);

        assertThat(exitCode).as(output.toString()).isZero();
        return ReplayJson.read(json);
    }
}
