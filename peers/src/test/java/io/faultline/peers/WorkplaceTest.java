// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class WorkplaceTest {
    private final StringWriter said = new StringWriter();

    @Test
    void nothingIsLeftOnceAllWasMeasured() throws IOException {
        Path directory = use(true);

        assertThat(directory).doesNotExist();
        assertThat(said.toString()).isEmpty();
    }

    @Test
    void theLogsOfWhatFailedAreKeptAndSaidWhere() throws IOException {
        Path directory = use(false);

        assertThat(directory.resolve("service.log")).hasContent("why it failed");
        assertThat(said.toString()).contains(directory.toString());
        Files.delete(directory.resolve("service.log"));
        Files.delete(directory);
    }

    private Path use(boolean measured) throws IOException {
        try (Workplace place = Workplace.open(new BenchOptions(), new PrintWriter(said))) {
            Files.writeString(place.directory().resolve("service.log"), "why it failed");
            if (measured) {
                place.measured();
            }
            return place.directory();
        }
    }
}
