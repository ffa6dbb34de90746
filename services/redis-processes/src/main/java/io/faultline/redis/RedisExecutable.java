// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import redis.embedded.core.ExecutableProvider;

/**
 * Where a redis-server is: what {@code FAULTLINE_REDIS_SERVER} names (a valkey-server will do), else the one that comes
 * as a library, made executable in the temporary directory once a JVM.
 */
final class RedisExecutable {
    private static final String VARIABLE = "FAULTLINE_REDIS_SERVER";

    private RedisExecutable() {}

    static Path find() {
        String chosen = System.getenv(VARIABLE);
        return chosen == null ? Unpacked.PATH : Path.of(chosen);
    }

    /** Unpacked when first needed. */
    private static final class Unpacked {
        static final Path PATH = unpack();

        private static Path unpack() {
            try {
                Path directory = Files.createTempDirectory("redis-server-");
                directory.toFile().deleteOnExit();
                Path executable = ExecutableProvider.newJarResourceProvider(directory.toFile())
                        .get()
                        .toPath();
                executable.toFile().deleteOnExit();
                return executable;
            } catch (IOException e) {
                throw new UncheckedIOException("no redis-server for this machine: set " + VARIABLE + " to one", e);
            }
        }
    }
}
