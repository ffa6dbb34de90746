// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolTest {
    private static final Life FIRST = new Life("vcpu-service/höst", 1_700_000_000_000_000L);
    private static final Life SECOND = new Life("vcpu-service/höst", 1_700_000_001_000_000L);
    private static final long MAX_BYTES = 1 << 20;
    private static final long SECOND_US = 1_000_000;

    @TempDir
    Path directory;

    @Test
    void whatIsAppendedIsReadInItsOrderAndAsItWas() {
        try (Spool spool = open(FIRST)) {
            append(spool, FIRST, 1, 100);

            for (long number = 1; number <= 100; number++) {
                assertIs(read(spool), FIRST, number);
            }
            assertThat(spool.hasUnread()).isFalse();
            assertThat(spool.next()).isNull();
        }
    }

    @Test
    void whatOneLifeLeftIsReadByTheNextBeforeItsOwn() {
        try (Spool spool = open(FIRST)) {
            append(spool, FIRST, 1, 10);
        }
        try (Spool spool = open(SECOND)) {
            assertThat(spool.waitingSteps()).isEqualTo(10);
            append(spool, SECOND, 1, 10);

            for (long number = 1; number <= 20; number++) {
                SpoolEntry entry = read(spool);
                assertThat(entry.sequence()).isEqualTo(number);
                assertIs(entry, number <= 10 ? FIRST : SECOND, number <= 10 ? number : number - 10);
                acknowledge(spool, entry);
            }
            assertThat(spool.bytes()).isZero();
            assertThat(spool.waitingSteps()).isZero();
            assertThat(files()).isEmpty();
        }
    }

    @Test
    void whatIsAcknowledgedDoesNotComeAgain() {
        try (Spool spool = open(FIRST)) {
            append(spool, FIRST, 1, 9);
            acknowledge(spool, read(spool));
            acknowledge(spool, read(spool));
            read(spool);

            spool.rewind();

            assertIs(read(spool), FIRST, 3);
            assertThat(spool.waitingSteps()).isEqualTo(7);
        }
    }

    @Test
    void theFilesStayBelowTheBoundAndGoWhenTheyAreAcknowledged() {
        try (Spool spool = open(FIRST)) {
            long number = 0;
            while (spool.append(block(FIRST, ++number, 10_000), 0)) {
                assertThat(sizeOfFiles()).isEqualTo(spool.bytes()).isLessThanOrEqualTo(MAX_BYTES);
            }
            assertThat(spool.bytes()).isGreaterThan(MAX_BYTES - 20_000);
            assertThat(spool.append(block(FIRST, number, 10_000), 0)).isFalse();

            // A segment is an eighth of the bound: its end makes room.
            for (int entry = 0; entry < 14; entry++) {
                acknowledge(spool, read(spool));
            }

            assertThat(spool.append(block(FIRST, number, 10_000), 0)).isTrue();
            assertThat(spool.failures()).isZero();
            assertThat(files()).hasSizeLessThan(10);
        }
    }

    @Test
    void aTailThatIsTornAtAnyByteLosesItsEntryAndNoOther() throws IOException {
        try (Spool spool = open(FIRST)) {
            append(spool, FIRST, 1, 3);
        }
        byte[] whole = Files.readAllBytes(onlyFile());
        int head = SegmentFormat.headBytes(new SegmentFormat.Head(FIRST, 1));
        int entry = (whole.length - head) / 3;
        for (int length = 0; length <= whole.length; length++) {
            reset(Arrays.copyOf(whole, length));
            try (Spool spool = open(SECOND)) {
                int left = Math.max(0, (length - head) / entry);
                for (long number = 1; number <= left; number++) {
                    assertIs(read(spool), FIRST, number);
                }
                assertThat(spool.hasUnread()).isFalse();

                append(spool, SECOND, 1, 1);
                assertIs(read(spool), SECOND, 1);
            }
        }
    }

    @RepeatedTest(20)
    void aBitThatFlipsNeverMakesAnEntryThatWasNotThere(RepetitionInfo repetition) throws IOException {
        Random random = new Random(repetition.getCurrentRepetition());
        try (Spool spool = open(FIRST)) {
            append(spool, FIRST, 1, 5);
        }
        byte[] bytes = Files.readAllBytes(onlyFile());
        int head = SegmentFormat.headBytes(new SegmentFormat.Head(FIRST, 1));
        int entry = (bytes.length - head) / 5;
        int at = random.nextInt(bytes.length);
        bytes[at] ^= (byte) (1 << random.nextInt(Byte.SIZE));
        reset(bytes);

        try (Spool spool = open(SECOND)) {
            List<Long> numbers = new ArrayList<>();
            while (spool.hasUnread()) {
                SpoolEntry read = spool.next();
                if (read != null) {
                    assertIs(read, FIRST, read.block().number());
                    numbers.add(read.block().number());
                }
            }
            long damaged = at < head ? 1 : (at - head) / entry + 1;
            boolean isLength = at >= head && (at - head) % entry < Integer.BYTES;
            long last = at < head ? 0 : isLength ? damaged - 1 : 5;
            assertThat(numbers)
                    .as("byte %d", at)
                    .containsExactlyElementsOf(LongStream.rangeClosed(1, last)
                            .filter(number -> number != damaged)
                            .boxed()
                            .toList());
        }
    }

    @Test
    void damageToAFileThatIsBeingReadCostsItsStepsAndIsCounted() throws IOException {
        try (Spool spool = open(FIRST)) {
            append(spool, FIRST, 1, 5);
            byte[] bytes = Files.readAllBytes(onlyFile());
            bytes[bytes.length - 1] ^= 1;
            Files.write(onlyFile(), bytes);

            for (long number = 1; number <= 4; number++) {
                SpoolEntry entry = read(spool);
                assertIs(entry, FIRST, number);
                acknowledge(spool, entry);
            }
            assertThat(spool.next()).isNull();

            assertThat(spool.hasUnread()).isFalse();
            assertThat(spool.lostSteps()).isEqualTo(1);
            assertThat(spool.waitingSteps()).isZero();
            append(spool, FIRST, 6, 1);
            assertIs(read(spool), FIRST, 6);
        }
    }

    @Test
    void filesOfOthersAreLeftAloneAndOneThatOnlyLooksLikeASegmentIsKeptAside() throws IOException {
        Files.writeString(directory.resolve("notes.txt"), "mine");
        Files.writeString(directory.resolve("0000000000000000001.spool"), "no segment");

        try (Spool spool = open(FIRST)) {
            assertThat(spool.hasUnread()).isFalse();
            append(spool, FIRST, 1, 1);
            assertIs(read(spool), FIRST, 1);
        }

        assertThat(directory.resolve("notes.txt")).hasContent("mine");
        assertThat(directory.resolve("0000000000000000001.spool.damaged")).exists();
    }

    @Test
    void aDirectoryIsOneServicesAlone() {
        try (Spool spool = open(FIRST)) {
            assertThatThrownBy(() -> open(SECOND))
                    .isInstanceOf(SpoolException.class)
                    .hasMessage("the audit spool " + directory + " is in use by another service");
            append(spool, FIRST, 1, 1);
        }
        open(SECOND).close();
    }

    @Test
    void aDirectoryThatCannotBeMadeIsSaid() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");

        assertThatThrownBy(() -> Spool.open(file.resolve("spool"), MAX_BYTES, FIRST))
                .isInstanceOf(SpoolException.class)
                .hasMessageStartingWith("the audit spool " + file.resolve("spool") + " cannot be used: ");
    }

    @Test
    void aFullDiskRefusesWholeBlocksAndGoesOnWhenThereIsRoom() {
        CrampedDisk disk = new CrampedDisk(1_000);
        try (Spool spool = disk.spool(directory, MAX_BYTES, FIRST)) {
            long taken = 0;
            while (spool.append(block(FIRST, taken + 1, 100), 0)) {
                taken++;
            }
            assertThat(taken).isBetween(1L, 9L);
            disk.free(500);
            // Not asked again at once: a disk that is full is slow to say so.
            assertThat(spool.append(block(FIRST, 50, 100), SECOND_US - 1)).isFalse();
            assertThat(spool.append(block(FIRST, 51, 100), SECOND_US)).isTrue();

            for (long number = 1; number <= taken; number++) {
                assertThat(read(spool).block().number()).isEqualTo(number);
            }
            assertThat(read(spool).block().number()).isEqualTo(51);
            assertThat(spool.failures()).isEqualTo(1);
            assertThat(spool.lostSteps()).isZero();
        }
    }

    @Test
    void aFullDiskHasNoRoomForANewFileEither() {
        CrampedDisk disk = new CrampedDisk(10);
        try (Spool spool = disk.spool(directory, MAX_BYTES, FIRST)) {
            assertThat(spool.append(block(FIRST, 1, 100), 0)).isFalse();
            assertThat(files()).isEmpty();
            assertThat(spool.bytes()).isZero();

            disk.free(10_000);

            assertThat(spool.append(block(FIRST, 2, 100), SECOND_US)).isTrue();
            assertThat(read(spool).block().number()).isEqualTo(2);
        }
    }

    @Test
    void aFileThatCannotEvenBeCutIsFollowedByAnother() {
        CrampedDisk disk = new CrampedDisk(500);
        try (Spool spool = disk.spool(directory, MAX_BYTES, FIRST)) {
            assertThat(spool.append(block(FIRST, 1, 100), 0)).isTrue();
            disk.breakDown();
            disk.free(50);
            assertThat(spool.append(block(FIRST, 2, 100), 0)).isFalse();
            disk.free(10_000);

            assertThat(spool.append(block(FIRST, 3, 100), SECOND_US)).isTrue();

            assertThat(files()).hasSize(2);
        }
        try (Spool spool = open(SECOND)) {
            assertThat(read(spool).block().number()).isEqualTo(1);
            assertThat(read(spool).block().number()).isEqualTo(3);
            assertThat(spool.hasUnread()).isFalse();
        }
    }

    private Spool open(Life life) {
        return Spool.open(directory, MAX_BYTES, life);
    }

    private static void append(Spool spool, Life life, long first, int count) {
        for (long number = first; number < first + count; number++) {
            assertThat(spool.append(block(life, number, 20), 0)).isTrue();
        }
    }

    private static Block block(Life life, long number, int bytes) {
        byte[] value = new byte[bytes];
        new Random(number).nextBytes(value);
        return new Block(life, number, number * 3, life.incarnation() + number, 1, value);
    }

    private static SpoolEntry read(Spool spool) {
        assertThat(spool.hasUnread()).isTrue();
        return Objects.requireNonNull(spool.next());
    }

    private static void acknowledge(Spool spool, SpoolEntry entry) {
        spool.acknowledge(entry.sequence(), entry.block().steps(), entry.block().firstUs());
    }

    private static void assertIs(SpoolEntry entry, Life life, long number) {
        Block expected = block(life, number, 20);
        assertThat(entry.block()).usingRecursiveComparison().isEqualTo(expected);
    }

    private List<Path> files() {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".spool"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private long sizeOfFiles() {
        return files().stream().mapToLong(file -> file.toFile().length()).sum();
    }

    private Path onlyFile() {
        assertThat(files()).hasSize(1);
        return files().getFirst();
    }

    /** The spool of another time: one segment with these bytes. */
    private void reset(byte[] bytes) throws IOException {
        for (Path file : files()) {
            Files.delete(file);
        }
        Files.write(directory.resolve("0000000000000000001.spool"), bytes);
    }
}
