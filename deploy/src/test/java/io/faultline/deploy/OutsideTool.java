// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * A program that a test needs and the build does not bring. Where it is missing the test is skipped and says why, unless
 * {@code FAULTLINE_REQUIRE_TOOLS} is {@code true}: then it fails, so that continuous integration cannot skip it unseen.
 *
 * @param command the program's name on the {@code PATH}
 * @param debianPackage the package of Debian that brings it
 */
public record OutsideTool(String command, String debianPackage) {
    private static final boolean REQUIRED = Boolean.parseBoolean(System.getenv("FAULTLINE_REQUIRE_TOOLS"));

    /** Where the program is; ends the test, as skipped or failed, when it is nowhere. */
    public Path require() {
        Optional<Path> found = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(directory -> Path.of(directory, command))
                .filter(Files::isExecutable)
                .findFirst();
        if (found.isEmpty()) {
            end(command + " is not on the PATH (Debian: apt-get install " + debianPackage + ")");
        }
        return found.orElseThrow();
    }

    /** Ends the test, as skipped or failed, because the program that was found is older than the oldest that will do. */
    public void tooOld(String found, String oldest) {
        end(command + " on the PATH is version " + found + " (expected: " + oldest + " or newer)");
    }

    private static void end(String why) {
        if (REQUIRED) {
            Assertions.fail(why);
        }
        Assumptions.abort(why);
    }
}
