// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The build's check of the wire contract against the last one, which must refuse what breaks a peer of that release. */
class ContractCheckIT {
    private static final Path SOURCES = Path.of("../proto/src/main/proto");
    private static final Path BUF = Path.of("../proto/target/buf/buf");
    private static final String FAULTS = "faultline/vcpu/v1/fault_service.proto";

    @TempDir
    private Path copy;

    @BeforeEach
    void copySources() throws IOException {
        Assumptions.assumeTrue(Files.isExecutable(BUF), "buf is there for Linux on amd64 only");
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path to = copy.resolve(SOURCES.relativize(file).toString());
                Files.createDirectories(to.getParent());
                Files.copy(file, to);
            }
        }
    }

    @Test
    void thePresentContractBreaksNothingOfTheLast() throws Exception {
        assertThat(breaches()).isEmpty();
    }

    @Test
    void aFieldThatIsRemovedIsRefused() throws Exception {
        replace(FAULTS, "  fixed32 token = 3;\n", "");

        assertThat(breaches()).contains("Previously present field \"3\" with name \"token\" on message \"Outcome\"");
    }

    @Test
    void aFieldThatIsRenumberedIsRefused() throws Exception {
        replace(FAULTS, "  uint64 ipa = 4;", "  uint64 ipa = 40;");

        assertThat(breaches()).contains("Previously present field \"4\" with name \"ipa\" on message \"Fault\"");
    }

    @Test
    void aFieldOfAnotherTypeIsRefused() throws Exception {
        replace(FAULTS, "  fixed32 token = 3;", "  uint64 token = 3;");

        assertThat(breaches()).contains("Field \"3\" with name \"token\" on message \"Outcome\" changed type");
    }

    @Test
    void aCallThatIsRemovedIsRefused() throws Exception {
        replace("faultline/pager/v1/page_service.proto", "  rpc DropVm(DropVmRequest) returns (DropVmResponse);\n", "");

        assertThat(breaches()).contains("Previously present RPC \"DropVm\" on service \"PageService\"");
    }

    private void replace(String file, String text, String by) throws IOException {
        Path path = copy.resolve(file);
        String before = Files.readString(path);
        assertThat(before).contains(text);
        Files.writeString(path, before.replace(text, by));
    }

    private String breaches() throws IOException, InterruptedException {
        ProcessBuilder command = new ProcessBuilder(
                        BUF.toAbsolutePath().toString(),
                        "breaking",
                        "--against",
                        Path.of("../proto/contract/last.binpb")
                                .toAbsolutePath()
                                .normalize()
                                .toString())
                .directory(copy.toFile())
                .redirectErrorStream(true);
        command.environment().put("BUF_CACHE_DIR", copy.resolve("cache").toString());
        Process buf = command.start();
        String said = new String(buf.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(buf.waitFor()).as(said).isEqualTo(said.isEmpty() ? 0 : 100);
        return said;
    }
}
