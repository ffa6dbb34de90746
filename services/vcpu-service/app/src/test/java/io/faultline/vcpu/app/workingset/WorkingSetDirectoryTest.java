// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.workingset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class WorkingSetDirectoryTest {
    @TempDir
    Path path;

    private WorkingSetDirectory directory;

    @BeforeEach
    void open() {
        directory = new WorkingSetDirectory(path);
    }

    @Test
    void whatWasNeverWrittenIsNotThere() {
        assertThatThrownBy(() -> directory.read(7)).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void aFileThatIsTooLargeIsNotReadToItsEnd() throws IOException {
        Files.write(path.resolve("7.workingset"), new byte[WorkingSetDirectory.BYTES_MAX]);
        Files.write(path.resolve("8.workingset"), new byte[WorkingSetDirectory.BYTES_MAX + 1]);

        assertThat(directory.read(7)).hasSize(WorkingSetDirectory.BYTES_MAX);
        assertThatThrownBy(() -> directory.read(8))
                .isInstanceOf(IOException.class)
                .hasMessage("8.workingset: more than 524288 bytes");
    }

    @Test
    @Timeout(10)
    void whatIsNoRegularFileIsNotOpened() throws Exception {
        Files.createSymbolicLink(path.resolve("7.workingset"), Path.of("/dev/zero"));
        assertThatThrownBy(() -> directory.read(7)).hasMessage("7.workingset: not a regular file");

        assumeTrue(Files.isExecutable(Path.of("/usr/bin/mkfifo")), "mkfifo is not there");
        Path pipe = path.resolve("8.workingset");
        assertThat(new ProcessBuilder("/usr/bin/mkfifo", pipe.toString())
                        .start()
                        .waitFor())
                .isZero();
        assertThatThrownBy(() -> directory.read(8)).hasMessage("8.workingset: not a regular file");
    }

    @Test
    void aWriteThatFailsLeavesNothingBehind() throws IOException {
        Path inTheWay = Files.createDirectories(path.resolve("7.workingset/not-empty"));

        assertThatThrownBy(() -> directory.write(7, new byte[10])).isInstanceOf(IOException.class);

        try (Stream<Path> all = Files.list(path)) {
            assertThat(all).containsExactly(inTheWay.getParent());
        }
    }

    /* As on a volume that several hosts share. */
    @Test
    void aReaderNeverFindsHalfOfWhatOthersWriteAtTheSameTime() throws Exception {
        directory.write(7, bytes(0));
        try (ExecutorService writers = Executors.newFixedThreadPool(3)) {
            List<Callable<Void>> work = IntStream.range(0, 3)
                    .<Callable<Void>>mapToObj(writer -> () -> {
                        WorkingSetDirectory own = new WorkingSetDirectory(path);
                        for (int i = 0; i < 200; i++) {
                            own.write(7, bytes(writer));
                        }
                        return null;
                    })
                    .toList();
            var writing = work.stream().map(writers::submit).toList();
            for (int i = 0; i < 200; i++) {
                byte[] read = directory.read(7);
                assertThat(read).isEqualTo(bytes(read[0]));
            }
            for (var written : writing) {
                written.get();
            }
        }
        try (Stream<Path> all = Files.list(path)) {
            assertThat(all).containsExactly(path.resolve("7.workingset"));
        }
    }

    @Test
    void theFilesThatWereWrittenLongestAgoMakeRoomAndOthersAreLeftAlone() throws IOException {
        for (int vm = 0; vm < WorkingSetDirectory.FILES_MAX; vm++) {
            file(vm + ".workingset", Instant.ofEpochMilli(1_000L + vm));
        }
        List<Path> foreign = List.of(
                file("notes.workingset", Instant.EPOCH), file("README", Instant.EPOCH), file("1.part", Instant.EPOCH));
        directory.open();
        directory.write(5, new byte[1]);
        directory.limit();
        assertThat(count()).as("one was replaced").isEqualTo(WorkingSetDirectory.FILES_MAX + foreign.size());

        directory.write(1_000_000, new byte[1]);
        directory.limit();

        assertThat(count()).isEqualTo(WorkingSetDirectory.FILES_MAX * 15 / 16 + foreign.size());
        assertThat(foreign).allMatch(Files::exists);
        assertThat(path.resolve("1000000.workingset")).exists();
        assertThat(path.resolve("5.workingset")).exists();
        assertThat(path.resolve("4095.workingset")).exists();
        assertThat(path.resolve("0.workingset")).doesNotExist();
        assertThat(path.resolve("100.workingset")).doesNotExist();
    }

    @Test
    void whatAProcessLeftThatDiedWhileItWroteIsDeletedAfterAWhile() throws IOException {
        Path old = file("7-1234.workingset.part", Instant.now().minus(Duration.ofHours(1)));
        Path young = file("7-5678.workingset.part", Instant.now());

        directory.open();

        assertThat(old).doesNotExist();
        assertThat(young).exists();
    }

    private long count() throws IOException {
        try (Stream<Path> all = Files.list(path)) {
            return all.count();
        }
    }

    private Path file(String name, Instant writtenAt) throws IOException {
        Path file = Files.write(path.resolve(name), new byte[1]);
        return Files.setLastModifiedTime(file, FileTime.from(writtenAt));
    }

    private static byte[] bytes(int writer) {
        byte[] bytes = new byte[40_000 + writer];
        Arrays.fill(bytes, (byte) writer);
        return bytes;
    }
}
