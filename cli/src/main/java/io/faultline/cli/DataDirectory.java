// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where a system keeps its data: the user's directory, or a temporary one that is deleted at the end. */
final class DataDirectory implements AutoCloseable {
    private final Path path;
    private boolean isTemporary;

    private DataDirectory(Path path, boolean isTemporary) {
        this.path = path;
        this.isTemporary = isTemporary;
    }

    /** The directory given, or a temporary one for null. */
    static DataDirectory open(@Nullable Path given) throws IOException {
        return given == null
                ? new DataDirectory(Files.createTempDirectory("faultline-"), true)
                : new DataDirectory(given, false);
    }

    Path path() {
        return path;
    }

    /** Has it stay, for somebody who wants to look at what is in it. */
    void keep() {
        isTemporary = false;
    }

    @Override
    public void close() throws IOException {
        if (!isTemporary) {
            return;
        }
        List<Path> deepestFirst;
        try (Stream<Path> files = Files.walk(path)) {
            deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
        } catch (UncheckedIOException failure) {
            throw failure.getCause();
        }
        for (Path file : deepestFirst) {
            Files.deleteIfExists(file);
        }
    }
}
