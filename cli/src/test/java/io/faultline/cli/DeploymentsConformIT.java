// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.faultline.standalone.Standalone;
import io.faultline.standalone.StandaloneSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command, as a user gives it, against the two ways that the services are run in. */
class DeploymentsConformIT {
    @TempDir
    private Path directory;

    @Test
    void standaloneConforms() throws IOException {
        StandaloneSettings settings =
                new StandaloneSettings(directory, StandaloneSettings.Ports.ANY, null, "rocksdb", 8 << 20, 1 << 20);
        try (Standalone standalone = Standalone.start(settings, part -> {})) {
            requireConformance(standalone.vcpuAddress(), standalone.notifierAddress(), standalone.pagerAddress());
        }
    }

    @Test
    void threeProcessesConform() throws IOException {
        try (Processes processes = new Processes(directory)) {
            Processes.Deployment ports = processes.deployment("--faultline.pager.store=memory");

            requireConformance(
                    "127.0.0.1:" + ports.vcpu(), "127.0.0.1:" + ports.notifier(), "127.0.0.1:" + ports.pager());
        }
    }

    private void requireConformance(String vcpu, String notifier, String pager) throws IOException {
        Path json = directory.resolve("conformance.json");
        StringWriter out = new StringWriter();

        int exitCode = Faultline.commandLine()
                .setOut(new PrintWriter(out, true))
                .execute(
                        "conformance",
                        "--vcpu=" + vcpu,
                        "--notifier=" + notifier,
                        "--pager=" + pager,
                        "--timeout-ms=30000",
                        "--json=" + json);

        assertThat(exitCode).as(out.toString()).isZero();
        JsonObject result = ReplayJson.read(json);
        assertThat(result.get("failed").getAsInt()).isZero();
        assertThat(result.get("skipped").getAsInt()).isZero();
        assertThat(result.get("passed").getAsInt()).isGreaterThan(80);
        assertThat(out.toString()).contains("PASS  A1 ").contains(" passed, 0 failed, 0 skipped");
    }
}
