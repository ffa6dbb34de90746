// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.model.Access;
import io.faultline.model.Privilege;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Faultline's own formats: what is written is read again, and what was damaged is never read. */
class PackedFormatTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it.
    private Path directory;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4_095, 4_096, 4_097, 20_000})
    void whatIsWrittenIsRead(int count) throws IOException {
        List<Traces.Fault> faults = random(count, 1);

        assertThat(Traces.read(write(TraceWriter.Format.BINARY, faults), false)).isEqualTo(faults);
    }

    @Test
    void aRealRecordingComesBackWholeFromEitherFormat() throws IOException {
        List<Traces.Fault> faults = Traces.read(Traces.MEMCACHED, false);

        assertThat(Traces.read(write(TraceWriter.Format.BINARY, faults), false)).isEqualTo(faults);
        assertThat(Traces.read(write(TraceWriter.Format.CSV, faults), false)).isEqualTo(faults);
    }

    @Test
    void valuesOfAllBitsComeBack() throws IOException {
        List<Traces.Fault> faults = List.of(
                new Traces.Fault(Long.MAX_VALUE, Integer.MAX_VALUE, "a,b ", -1, Access.WRITE, Privilege.KERNEL),
                new Traces.Fault(0, 0, "", 0, Access.READ, Privilege.USER),
                new Traces.Fault(1, 0, "\u00ff", Long.MIN_VALUE, Access.EXECUTE, Privilege.USER));

        assertThat(Traces.read(write(TraceWriter.Format.BINARY, faults), false)).isEqualTo(faults);
        assertThat(Traces.read(write(TraceWriter.Format.CSV, faults), false)).isEqualTo(faults);
    }

    @Test
    void theRecordingsAddressSpaceAndTimesAreKept() throws IOException {
        Path file = directory.resolve("guest");
        try (OutputStream out = Files.newOutputStream(file)) {
            TraceWriter.of(TraceWriter.Format.BINARY, out, AddressSpace.GUEST_PHYSICAL, false)
                    .finish();
        }

        try (TraceReader reader = TraceReader.open(file, false)) {
            assertThat(reader.addressSpace()).isEqualTo(AddressSpace.GUEST_PHYSICAL);
            assertThat(reader.hasTimes()).isFalse();
            assertThat(reader.next()).isNull();
        }
    }

    @Test
    void theLayoutIsWhatTheDocumentSays() throws IOException {
        List<Traces.Fault> faults = List.of(
                new Traces.Fault(1_000, 7, "ab", 0x10_0000, Access.READ, Privilege.USER),
                new Traces.Fault(1_002, 7, "ab", 0x10_0200, Access.WRITE, Privilege.USER));

        String file = HexFormat.of().formatHex(Files.readAllBytes(write(TraceWriter.Format.BINARY, faults)));

        assertThat(file.substring(0, 24)).isEqualTo("89464c540d0a1a0a" + "0100" + "0100");
        // A block of threads: kind, length, checksum; one, its id, its name.
        assertThat(file.substring(32, 48)).isEqualTo("01000000" + "0b000000");
        assertThat(file.substring(56, 78)).isEqualTo("01000000" + "07000000" + "02" + "6162");
        // A block of faults: kind, length, checksum; count, bases, widths, offsets.
        assertThat(file.substring(78, 94)).isEqualTo("02000000" + "30000000");
        assertThat(file.substring(102, 198))
                .isEqualTo("02000000" + "e803000000000000" + "0000100000000000" + "0000000000000000"
                        + "0500000000000000" + "01020001" + "0002" + "00000002" + "0001");
        // The end: kind, length, checksum; count.
        assertThat(file.substring(198, 214)).isEqualTo("03000000" + "08000000");
        assertThat(file.substring(222)).isEqualTo("0200000000000000");
    }

    @Test
    void everyCutIsFound() throws IOException {
        byte[] whole = Files.readAllBytes(write(TraceWriter.Format.BINARY, random(60, 2)));

        for (int length = PackedLayout.MAGIC.length; length < whole.length; length++) {
            Path cut = Files.write(directory.resolve("cut"), Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> Traces.read(cut, true))
                    .isInstanceOf(TraceException.class)
                    .hasMessageMatching(".*cut: .*(early, after \\d+ whole records|cut off).*");
        }
    }

    @Test
    void everyFlippedBitIsFound() throws IOException {
        byte[] whole = Files.readAllBytes(write(TraceWriter.Format.BINARY, random(8, 3)));

        for (int bit = PackedLayout.MAGIC.length * Byte.SIZE; bit < whole.length * Byte.SIZE; bit++) {
            byte[] bytes = whole.clone();
            bytes[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            Path flipped = Files.write(directory.resolve("flipped"), bytes);
            assertThatThrownBy(() -> Traces.read(flipped, true)).isInstanceOf(TraceException.class);
        }
    }

    @Test
    void whatFollowsTheEndIsAnError() throws IOException {
        byte[] whole = Files.readAllBytes(write(TraceWriter.Format.BINARY, random(5, 4)));
        Path file = Files.write(directory.resolve("more"), Arrays.copyOf(whole, whole.length + 1));

        assertThatThrownBy(() -> Traces.read(file, false)).hasMessageContaining("more bytes follow the end");
    }

    @Test
    void anotherVersionIsNamed() throws IOException {
        byte[] whole = Files.readAllBytes(write(TraceWriter.Format.BINARY, random(5, 5)));
        whole[PackedLayout.VERSION_OFFSET] = 2;
        Path file = Files.write(directory.resolve("newer"), whole);

        assertThatThrownBy(() -> Traces.read(file, false))
                .hasMessage(file + ": version 2 of the binary format (expected: 1)");
    }

    @ParameterizedTest
    @EnumSource
    void packedFilesAreReadWithoutBeingTold(Compression compression) throws IOException {
        List<Traces.Fault> faults = random(10_000, 6);
        Path file = directory.resolve("packed");
        try (OutputStream out = compression.packed(Files.newOutputStream(file))) {
            write(TraceWriter.of(TraceWriter.Format.BINARY, out, AddressSpace.VIRTUAL, true), faults);
        }

        try (TraceReader reader = TraceReader.open(file, false)) {
            assertThat(reader.compression()).isEqualTo(compression);
        }
        assertThat(Traces.read(file, false)).isEqualTo(faults);
    }

    private Path write(TraceWriter.Format format, List<Traces.Fault> faults) throws IOException {
        Path file = directory.resolve("written");
        try (OutputStream out = Files.newOutputStream(file)) {
            write(TraceWriter.of(format, out, AddressSpace.VIRTUAL, true), faults);
        }
        return file;
    }

    private static void write(TraceWriter writer, List<Traces.Fault> faults) throws IOException {
        RecordedFault recorded = new RecordedFault();
        for (Traces.Fault fault : faults) {
            recorded.at(fault.timeNs());
            recorded.by(fault.threadId(), fault.comm());
            recorded.touches(fault.address(), fault.access(), fault.privilege());
            writer.write(recorded);
        }
        writer.finish();
    }

    private static List<Traces.Fault> random(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Traces.Fault> faults = new ArrayList<>();
        long timeNs = 1_000_000_000L;
        for (int i = 0; i < count; i++) {
            timeNs += random.nextInt(100_000) - 1_000;
            int thread = random.nextInt(20);
            faults.add(new Traces.Fault(
                    timeNs,
                    thread,
                    "task " + thread,
                    random.nextLong(1L << (1 + random.nextInt(62))),
                    Access.of(1 + random.nextInt(3)),
                    Privilege.of(1 + random.nextInt(2))));
        }
        return faults;
    }
}
