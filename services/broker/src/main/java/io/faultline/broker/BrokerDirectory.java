// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.broker;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;
import org.jspecify.annotations.Nullable;

/**
 * The directory of one broker, locked while it is held. Kafka ends the process when it finds a directory in use, so the
 * question is settled here before Kafka gets to ask it. Confined to the thread that starts and closes the broker.
 */
final class BrokerDirectory implements AutoCloseable {
    private static final String META_PROPERTIES = "meta.properties";

    private final Path root;
    private final boolean temporary;
    private final FileChannel lockChannel;

    private BrokerDirectory(Path root, boolean temporary, FileChannel lockChannel) {
        this.root = root;
        this.temporary = temporary;
        this.lockChannel = lockChannel;
    }

    /** Takes the directory, creating it if need be; null stands for a temporary one that is deleted in the end. */
    static BrokerDirectory open(@Nullable Path directory) {
        try {
            Path root = directory == null
                    ? Files.createTempDirectory("faultline-broker-")
                    : Files.createDirectories(directory.toAbsolutePath());
            return new BrokerDirectory(root, directory == null, lock(root));
        } catch (IOException e) {
            throw new BrokerException("directory: " + directory + " cannot be used by the broker: " + e, e);
        }
    }

    private static FileChannel lock(Path root) throws IOException {
        FileChannel channel =
                FileChannel.open(root.resolve("broker.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException inThisProcess) {
            // The same answer as for a lock of another process: tryLock says null then.
        }
        if (lock == null) {
            channel.close();
            throw new BrokerException("directory: " + root + " is in use by another broker", null);
        }
        return channel;
    }

    /** Where Kafka keeps its logs. */
    Path logs() {
        return root.resolve("log");
    }

    /** Formats the directory for a broker with that node id, unless it is formatted already. */
    void format(int nodeId, String controllerListener) {
        if (Files.exists(logs().resolve(META_PROPERTIES))) {
            return;
        }
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        try (PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8)) {
            new Formatter()
                    .setNodeId(nodeId)
                    .setClusterId(Uuid.randomUuid().toString())
                    .setDirectories(List.of(logs().toString()))
                    .setMetadataLogDirectory(logs().toString())
                    .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
                    .setControllerListenerName(controllerListener)
                    .setPrintStream(out)
                    .run();
        } catch (Exception e) {
            throw new BrokerException("directory: " + root + " cannot be formatted: " + e.getMessage(), e);
        }
    }

    /** Gives the directory back, and deletes it if it was a temporary one. */
    @Override
    public void close() {
        try {
            lockChannel.close();
            if (temporary) {
                deleteAll();
            }
        } catch (IOException e) {
            throw new BrokerException("directory: " + root + " cannot be given back: " + e, e);
        }
    }

    private void deleteAll() throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
