// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The main job as a deployment runs it: three processes, a broker that is none of them, a client that is another. A part of the
 * recording: the demo replays all of it.
 */
class ThreeProcessesIT {
    private static final int FAULTS = 80_000;

    @TempDir
    private Path directory;

    @Test
    void theRecordedStreamReplaysAgainstThreeProcessesAndAnOutsideBroker() throws IOException {
        Path json = directory.resolve("result.json");
        try (Processes processes = new Processes(directory)) {
            Processes.Deployment deployment =
                    processes.deployment("--faultline.pager.rocksdb-directory=" + directory.resolve("rocksdb"));

            assertThat(deployment.replay(json, "--faults=" + FAULTS)).isZero();
        }
        JsonObject result = ReplayJson.read(json);
        ReplayJson.requireSound(result, FAULTS);
        assertThat(ReplayJson.resolvedReady(result)).isGreaterThan(FAULTS / 2);
    }
}
