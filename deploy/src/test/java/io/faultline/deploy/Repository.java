// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy;

import java.nio.file.Files;
import java.nio.file.Path;

/** The files of this repository, as the tests find them. */
public final class Repository {
    /** The folder that holds the entry script. */
    public static final Path ROOT = find();

    private Repository() {}

    private static Path find() {
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null && !Files.isRegularFile(folder.resolve("faultline"))) {
            folder = folder.getParent();
        }
        if (folder == null) {
            throw new IllegalStateException(
                    Path.of("").toAbsolutePath() + ": (expected: a folder of the Faultline repository)");
        }
        return folder;
    }
}
