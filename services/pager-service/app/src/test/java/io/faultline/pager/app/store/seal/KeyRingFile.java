// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.seal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Base64;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Writes key rings for tests, whose key of a number is always the same. */
public final class KeyRingFile {
    private KeyRingFile() {}

    /** A ring of keys, the first of which seals. */
    public static KeyRing ringOf(Path directory, int... ids) throws IOException {
        return KeyRing.read(write(
                directory,
                IntStream.of(ids).mapToObj(KeyRingFile::line).collect(Collectors.joining("\n")),
                "rw-------"));
    }

    /** A file with a text and permissions. */
    static Path write(Path directory, String text, String permissions) throws IOException {
        Path file = Files.writeString(Files.createTempFile(directory, "keys", ""), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    /** The line of a key. */
    static String line(int id) {
        byte[] key = Arrays.copyOf(("key " + id).getBytes(StandardCharsets.US_ASCII), 32);
        return id + " " + Base64.getEncoder().encodeToString(key);
    }
}
