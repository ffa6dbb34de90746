// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.loss;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A disk of its own, in memory, that can be filled and freed again; wants the right to mount. One thread. */
final class SmallDisk implements AutoCloseable {
    /** The pages of the guests several times over, since RocksDB merges its files, and what it keeps free. */
    private static final String SIZE = "2g";

    private static final int CHUNK_BYTES = 64 << 10;

    private final Path directory;
    private final Path ballast;

    private SmallDisk(Path directory) {
        this.directory = directory;
        ballast = directory.resolve("ballast");
    }

    /** Why there can be none here; null when there can. */
    @Nullable
    static String obstacle() {
        return Command.succeeds("unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt")
                ? null
                : "a disk of its own wants the right to mount (expected: root)";
    }

    /** Mounts one there. */
    static SmallDisk mount(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Command.run("mount", "-t", "tmpfs", "-o", "size=" + SIZE, "tmpfs", directory.toString());
        return new SmallDisk(directory);
    }

    /** Where it is. */
    Path directory() {
        return directory;
    }

    /** Takes all the room that is left. */
    void fill() {
        byte[] chunk = new byte[CHUNK_BYTES];
        try (OutputStream out = Files.newOutputStream(ballast)) {
            while (directory.toFile().getUsableSpace() > 0) {
                out.write(
                        chunk, 0, (int) Math.min(CHUNK_BYTES, directory.toFile().getUsableSpace()));
            }
        } catch (IOException full) {
            if (directory.toFile().getUsableSpace() > 0) {
                throw new UncheckedIOException(full);
            }
        }
    }

    /** Gives the room back. */
    void free() {
        try {
            Files.delete(ballast);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        Command.run("umount", directory.toString());
    }
}
