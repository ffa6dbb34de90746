// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.faultline.broker.BrokerMain;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The main job as a deployment runs it: three processes, a broker that is none of them, a client that is another. */
class ThreeProcessesIT {
    @TempDir
    private Path directory;

    @Test
    void theRecordedStreamReplaysAgainstThreeProcessesAndAnOutsideBroker() throws IOException {
        int pager = Processes.freePort();
        int notifier = Processes.freePort();
        int vcpu = Processes.freePort();
        int broker = Processes.freePort();
        Path json = directory.resolve("result.json");
        try (Processes processes = new Processes(directory)) {
            processes.main(
                    "broker",
                    BrokerMain.class,
                    "--port",
                    Integer.toString(broker),
                    "--directory",
                    directory.resolve("kafka").toString());
            String audit = "--faultline.audit.bootstrap-servers=127.0.0.1:" + broker;
            String patience = "--faultline.audit.connect-timeout-ms=60000";
            processes.service(
                    "pager-service",
                    pager,
                    "--faultline.pager.dram-max-bytes=8388608",
                    "--faultline.pager.rocksdb-directory=" + directory.resolve("rocksdb"));
            processes.service("notifier-service", notifier, audit, patience);
            processes.service(
                    "vcpu-service",
                    vcpu,
                    audit,
                    patience,
                    "--faultline.vcpu.pager-target=127.0.0.1:" + pager,
                    "--faultline.vcpu.notifier-target=127.0.0.1:" + notifier);

            int exitCode = Faultline.commandLine()
                    .execute(
                            "replay",
                            "--trace=../loadtest/traces/redis-swap.trace.gz",
                            "--vcpu=127.0.0.1:" + vcpu,
                            "--notifier=127.0.0.1:" + notifier,
                            "--bootstrap=127.0.0.1:" + broker,
                            "--json=" + json);

            assertThat(exitCode).isZero();
        }
        JsonObject result = ReplayJson.read(json);
        ReplayJson.requireSound(result, 201_964);
        assertThat(ReplayJson.resolvedReady(result)).isGreaterThan(201_964 / 2);
    }
}
