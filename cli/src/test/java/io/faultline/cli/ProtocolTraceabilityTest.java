// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ProtocolTraceabilityTest {
    private static final Path ROOT = Path.of("..");
    private static final Path TABLE = ROOT.resolve("docs/protocol-traceability.md");

    private final ProtocolTraceability traceability =
            new ProtocolTraceability(ROOT.resolve("docs/protocol-cases.tsv"), ROOT);

    ProtocolTraceabilityTest() throws IOException {}

    @Test
    void everyTagNamesACase() {
        assertThat(traceability.strangers()).isEmpty();
    }

    @Test
    void everyCaseHasATestOrSaysWhyItDoesNotApply() {
        assertThat(traceability.unaccountedFor()).isEmpty();
    }

    @Test
    void theTableIsAsTheTestsHaveIt() throws IOException {
        if (Boolean.getBoolean("faultline.traceability.write")) {
            Files.writeString(TABLE, traceability.table());
        }

        assertThat(TABLE).content().isEqualTo(traceability.table());
    }
}
