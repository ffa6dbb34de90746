// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real browser without a window, which shows a file and tells what has become of it. */
final class Browser {
    private static final long TIMEOUT_S = 60;

    private final Path directory;
    private final Path chromium;

    /** A browser that keeps its own things in a directory; ends the test where there is none. */
    Browser(Path directory) {
        this.directory = directory;
        chromium = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(place -> Path.of(place, "chromium"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseGet(Browser::missing);
    }

    /** The document as it is once its scripts have run. */
    String documentOf(Path page, String fragment, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                chromium.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--user-data-dir=" + directory.resolve("profile"),
                "--window-size=1100,900",
                "--virtual-time-budget=5000",
                "--dump-dom"));
        command.addAll(List.of(options));
        command.add(page.toUri() + fragment);
        Path document = directory.resolve("document.html");
        Path complaints = directory.resolve("complaints.txt");
        Process process = new ProcessBuilder(command)
                .redirectOutput(document.toFile())
                .redirectError(complaints.toFile())
                .start();
        try {
            assertThat(process.waitFor(TIMEOUT_S, TimeUnit.SECONDS))
                    .as("chromium ends within %s s", TIMEOUT_S)
                    .isTrue();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        assertThat(process.exitValue()).as(Files.readString(complaints)).isZero();
        return Files.readString(document);
    }

    private static Path missing() {
        String sentence = "chromium is missing (Debian: apt-get install chromium)";
        return Boolean.parseBoolean(System.getenv("FAULTLINE_REQUIRE_TOOLS")) ? fail(sentence) : abort(sentence);
    }
}
