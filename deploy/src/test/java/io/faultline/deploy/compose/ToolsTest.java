// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.compose;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.deploy.OutsideTool;
import io.faultline.deploy.Repository;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The scripts of {@code deploy/docker}, as ShellCheck sees them, and the file, as docker-compose 1.29 reads it. */
class ToolsTest {
    private static final long TIMEOUT_S = 60;
    private static final Path FOLDER = Repository.ROOT.resolve("deploy/docker");

    @Test
    void shellCheckFindsNothingInTheScripts() throws IOException, InterruptedException {
        Path shellcheck = new OutsideTool("shellcheck", "shellcheck").require();
        List<String> command = new ArrayList<>(List.of(shellcheck.toString(), "--external-sources"));
        scripts().forEach(script -> command.add(script.toString()));

        assertThat(command).hasSizeGreaterThan(8);
        assertThat(run(command)).isEmpty();
    }

    @Test
    void everyScriptCanBeRun() throws IOException {
        assertThat(scripts()).isNotEmpty().allMatch(Files::isExecutable);
    }

    @Test
    void dockerComposeReadsTheFile() throws IOException, InterruptedException {
        Path compose = new OutsideTool("docker-compose", "docker-compose").require();

        assertThat(run(List.of(compose.toString(), "config", "--quiet"))).isEmpty();
        assertThat(run(List.of(compose.toString(), "config", "--services")).lines())
                .containsAll(ComposeReader.repository().services().entrySet().stream()
                        .filter(service -> !service.getValue().isJob())
                        .map(Map.Entry::getKey)
                        .toList());
    }

    @Test
    void everyImageOfOthersHasAStandInOrIsLeftOut() throws IOException {
        String offline = Files.readString(FOLDER.resolve("offline-images"));

        for (ComposeFile.Service service : ComposeReader.repository().services().values()) {
            if (!service.isOurs()) {
                String repository = service.image().substring(0, service.image().lastIndexOf(':'));
                assertThat(offline).contains("    " + repository + ":*)");
            }
        }
    }

    private static List<Path> scripts() throws IOException {
        List<Path> scripts = new ArrayList<>();
        try (Stream<Path> files = Files.walk(FOLDER)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (Files.readString(file).startsWith("#!")) {
                    scripts.add(file);
                }
            }
        }
        return scripts;
    }

    /** What the command printed, its complaints included. */
    private static String run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .directory(Repository.ROOT.toFile())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(TIMEOUT_S, TimeUnit.SECONDS))
                .as(command.getFirst() + " ended")
                .isTrue();
        return said;
    }
}
