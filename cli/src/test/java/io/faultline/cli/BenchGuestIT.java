// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The comparison on a few hundred faults: that it compares, and that it finds nothing where there is nothing to gain. */
class BenchGuestIT {
    private static final int FAULTS = 400;

    @TempDir
    private Path directory;

    @Test
    void aGuestWithOtherTasksToRunGetsItsWorkDoneSooner() throws IOException {
        JsonObject result = compare("--tasks=64");

        JsonObject sync = result.getAsJsonObject("sync");
        JsonObject async = result.getAsJsonObject("async");
        assertThat(sync.keySet())
                .containsExactly(
                        "elapsed_s",
                        "guest_work",
                        "guest_work_per_s",
                        "task_slowdown",
                        "vcpu_blocked_share",
                        "async_faults");
        assertThat(sync.get("async_faults").getAsLong()).isZero();
        assertThat(sync.get("task_slowdown").getAsDouble()).isEqualTo(1);
        assertThat(sync.get("vcpu_blocked_share").getAsDouble()).isGreaterThan(0.8);
        assertThat(async.get("guest_work").getAsLong()).isEqualTo(FAULTS);
        assertThat(async.get("async_faults").getAsLong()).isGreaterThan(FAULTS / 3);
        assertThat(elapsedS(async)).isLessThan(elapsedS(sync) / 2);
        assertThat(async.get("vcpu_blocked_share").getAsDouble())
                .isLessThan(sync.get("vcpu_blocked_share").getAsDouble());
    }

    /** The control: a task that waits for its page anyway is not sooner done for being told so. */
    @Test
    void aGuestWithNothingElseToRunGainsNothing() throws IOException {
        JsonObject result = compare("--tasks=1");

        JsonObject async = result.getAsJsonObject("async");
        assertThat(async.get("async_faults").getAsLong()).isGreaterThan(FAULTS / 3);
        assertThat(elapsedS(async)).isGreaterThan(elapsedS(result.getAsJsonObject("sync")) / 1.5);
    }

    private static double elapsedS(JsonObject mode) {
        return mode.get("elapsed_s").getAsDouble();
    }

    private JsonObject compare(String tasks) throws IOException {
        Path json = directory.resolve("guest.json");
        StringWriter output = new StringWriter();

        int exitCode = Faultline.commandLine()
                .setOut(new PrintWriter(output))
                .execute(
                        "bench",
                        "guest",
                        "--trace=../loadtest/traces/redis-swap.trace.gz",
                        "--faults=" + FAULTS,
                        "--resident-pages=64",
                        "--store-latency=5ms",
                        tasks,
                        "--json=" + json);

        assertThat(exitCode).as(output.toString()).isZero();
        assertThat(output.toString()).contains("times sooner than synchronous");
        return ReplayJson.read(json);
    }
}
