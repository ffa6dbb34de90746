// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logs as JSON, for a collector that takes a line as an object. */
class JsonLogsIT {
    @TempDir
    @SuppressWarnings("NullAway.Init") // Set by JUnit.
    private Path logs;

    @Test
    void everyLineIsAnObjectThatNamesTheService() throws IOException {
        try (Processes processes = new Processes(logs)) {
            processes.service(
                    "pager-service",
                    Processes.freePort(),
                    "--faultline.pager.store=memory",
                    "--logging.structured.format.console=ecs");
        }

        List<String> lines = Files.readAllLines(logs.resolve("pager-service.log"));
        assertThat(lines).hasSizeGreaterThan(2);
        for (String line : lines) {
            JsonObject event = JsonParser.parseString(line).getAsJsonObject();
            assertThat(event.getAsJsonObject("service").get("name").getAsString())
                    .as(line)
                    .isEqualTo("pager-service");
            assertThat(event.get("@timestamp").getAsString()).as(line).isNotBlank();
            assertThat(event.get("message").getAsString()).as(line).isNotBlank();
        }
    }
}
