// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.prometheus;

import io.faultline.deploy.OutsideTool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A run of promtool, Prometheus' own checker.
 *
 * @param exitCode 0 when it found nothing wrong
 * @param output all that it printed
 */
record Promtool(int exitCode, String output) {

    /** Runs it to its end; it takes no input and ends by itself. */
    static Promtool run(Path folder, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(new OutsideTool("promtool", "prometheus").require().toString());
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Promtool(process.waitFor(), output);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while promtool ran", interrupted);
        }
    }
}
