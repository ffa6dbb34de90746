// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import io.faultline.model.Access;
import io.faultline.model.Privilege;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceReaderTest {
    private static final String REDIS_LINE =
            "    redis-server-9644    [001] d....  2489.559348: page_fault_user: address=0x7fbf738f7504"
                    + " ip=0x5619975e4975 error_code=0x4";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it.
    private Path directory;

    @Test
    void aLineAsTheKernelPrintsItGivesItsFault() throws IOException {
        Path file = Traces.write(directory, "# tracer: nop", "#", REDIS_LINE);

        assertThat(read(file, false))
                .containsExactly(new Traces.Fault(
                        2_489_559_348_000L, 9644, "redis-server", 0x7fbf738f7504L, Access.READ, Privilege.USER));
    }

    @ParameterizedTest
    @CsvSource({"0x4,READ,USER", "0x6,WRITE,USER", "0x7,WRITE,USER", "0x14,EXECUTE,USER", "0x2,WRITE,KERNEL"})
    void theErrorCodeSaysWhatTheAccessWas(String code, Access access, Privilege privilege) throws IOException {
        Path file = Traces.write(directory, REDIS_LINE.replaceAll("0x4$", code));

        Traces.Fault fault = read(file, false).getFirst();

        assertThat(fault.access()).isEqualTo(access);
        assertThat(fault.privilege()).isEqualTo(privilege);
    }

    @Test
    void aThreadsNameMayHoldSpacesDashesAndBrackets() throws IOException {
        Path file = Traces.write(directory, Traces.line("Web [0] a-1 ", 7, 0x1000, 4));

        Traces.Fault fault = read(file, false).getFirst();

        assertThat(fault.comm()).isEqualTo("Web [0] a-1 ");
        assertThat(fault.threadId()).isEqualTo(7);
    }

    @Test
    void theColumnOfTheRecordTgidOptionIsPassedOver() throws IOException {
        Path file = Traces.write(directory, REDIS_LINE.replace("[001]", "(   9644) [001]"));

        assertThat(read(file, false)).hasSize(1);
    }

    @Test
    void otherEventsAndLostEventMarksAreCountedAndPassedOver() throws IOException {
        Path file = Traces.write(
                directory,
                "    redis-server-9644    [001] d....  2489.559348: sys_enter: NR 1 (0, 0, 0, 0, 0, 0)",
                "CPU:1 [LOST 312 EVENTS]",
                REDIS_LINE);

        try (TraceReader reader = TraceReader.open(file, false)) {
            assertThat(reader.next()).isNotNull();
            assertThat(reader.next()).isNull();
            assertThat(reader.otherEvents()).isOne();
            assertThat(reader.lostEventsMarks()).isOne();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hello",
                "redis-server-9644 [001] d.... 2489.559348 page_fault_user: address=0x1 ip=0x1 error_code=0x4",
                "redis-server-x [001] d.... 2489.559348: page_fault_user: address=0x1 ip=0x1 error_code=0x4",
                "redis-server-9644 [001] d.... 2489.559348: page_fault_user: address=__per_cpu_start ip=0x1 error_code=0x4",
                "redis-server-9644 [001] d.... 2489.559348: page_fault_user: address=0x1 ip=0x1",
                "redis-server-9644 [001] d.... 2489.559348: page_fault_user: address=0x11112222333344445 ip=0x1 error_code=0x4",
                "a-4294967296 [001] d.... 2489.559348: page_fault_user: address=0x1 ip=0x1 error_code=0x4"
            })
    void aMalformedLineIsNamedByFileAndNumber(String line) throws IOException {
        Path file = Traces.write(directory, "# header", REDIS_LINE, line, REDIS_LINE);

        assertThatThrownBy(() -> read(file, false))
                .isInstanceOf(TraceException.class)
                .hasMessageStartingWith(file + ", line 3: ")
                .hasMessageContaining(line.substring(0, 5))
                .hasMessageContaining("(expected: ");
    }

    @Test
    void skippingCountsMalformedLinesAndGoesOn() throws IOException {
        Path file = Traces.write(directory, "hello", REDIS_LINE, "world", REDIS_LINE);

        try (TraceReader reader = TraceReader.open(file, true)) {
            assertThat(reader.next()).isNotNull();
            assertThat(reader.next()).isNotNull();
            assertThat(reader.next()).isNull();
            assertThat(reader.badLines()).isEqualTo(2);
        }
    }

    @Test
    void aFileWithoutLineEndsIsOneBadLineAndNoMemory() throws IOException {
        byte[] bytes = new byte[1 << 20];
        Arrays.fill(bytes, (byte) 'x');
        Path file = Files.write(directory.resolve("binary"), bytes);

        assertThatThrownBy(() -> read(file, false))
                .isInstanceOf(TraceException.class)
                .hasMessageContaining("line 1");
    }

    @Test
    void gzipIsToldByItsFirstBytesWhateverTheName() throws IOException {
        Path file = Files.write(directory.resolve("recording.txt"), Traces.gzip(REDIS_LINE + "\n" + REDIS_LINE));

        assertThat(read(file, false)).hasSize(2);
    }

    @Test
    void zstdIsToldByItsFirstBytesWhateverTheName() throws IOException {
        Path file = Files.write(directory.resolve("recording.txt"), Zstd.compress(text(REDIS_LINE, REDIS_LINE)));

        assertThat(read(file, false)).hasSize(2);
    }

    @Test
    void aZstdFileThatIsCutOffSaysHowFarItCame() throws IOException {
        byte[] lines = new GZIPInputStream(Files.newInputStream(Traces.MEMCACHED)).readAllBytes();
        byte[] whole = Zstd.compress(lines);
        Path file = Files.write(directory.resolve("cut.zst"), Arrays.copyOf(whole, whole.length / 2));

        assertThatThrownBy(() -> read(file, false))
                .isInstanceOf(TraceException.class)
                .hasMessageMatching(".*cut.zst: the zstd data end early, after \\d{5} whole lines.*");
    }

    @Test
    void aPackedFileThatEndsBeforeItsFirstLineSaysSo() throws IOException {
        byte[] zstd = Zstd.compress(text(REDIS_LINE));
        byte[] gzip = Traces.gzip(REDIS_LINE);

        for (byte[] whole : List.of(zstd, gzip)) {
            Path file = Files.write(directory.resolve("cut"), Arrays.copyOf(whole, 8));
            assertThatThrownBy(() -> read(file, false))
                    .hasMessageContaining("data end early, after its beginning (expected: a complete file)");
        }
    }

    @Test
    void aDamagedZstdFileIsAnError() throws IOException {
        byte[] bytes = Zstd.compress(text(REDIS_LINE, REDIS_LINE));
        Arrays.fill(bytes, 12, 20, (byte) 0xFF);
        Path file = Files.write(directory.resolve("damaged.zst"), bytes);

        assertThatThrownBy(() -> read(file, true))
                .isInstanceOf(TraceException.class)
                .hasMessageContaining("damaged.zst");
    }

    @Test
    void gzipMembersThatFollowEachOtherAreOneFile() throws IOException {
        ByteArrayOutputStream members = new ByteArrayOutputStream();
        members.write(Traces.gzip(REDIS_LINE + "\n"));
        members.write(Traces.gzip(REDIS_LINE + "\n"));
        Path file = Files.write(directory.resolve("two.gz"), members.toByteArray());

        assertThat(read(file, false)).hasSize(2);
    }

    @Test
    void linesAreFoundWhereverTheBufferEnds() throws IOException {
        String[] lines = new String[20_000];
        for (int i = 0; i < lines.length; i++) {
            lines[i] = Traces.line("x".repeat(1 + i % 15), i, (long) i << 12, 4);
        }

        List<Traces.Fault> faults = read(Traces.write(directory, lines), false);

        assertThat(faults).hasSize(lines.length);
        for (int i = 0; i < lines.length; i++) {
            assertThat(faults.get(i).address()).isEqualTo((long) i << 12);
            assertThat(faults.get(i).comm()).hasSize(1 + i % 15);
        }
    }

    @Test
    void aLineThatIsTooLongIsOneBadLine() throws IOException {
        Path file = Traces.write(directory, REDIS_LINE, "x".repeat(2_000_000), REDIS_LINE + "\r");

        try (TraceReader reader = TraceReader.open(file, true)) {
            assertThat(reader.next()).isNotNull();
            assertThat(reader.next()).isNotNull();
            assertThat(reader.next()).isNull();
            assertThat(reader.badLines()).isOne();
        }
        assertThatThrownBy(() -> read(file, false)).hasMessageContaining(", line 2: \"xxx");
    }

    @Test
    void aFileInNoFormatIsNamedWithItsFirstLine() throws IOException {
        Path file = Traces.write(directory, "", "Dear reader,");

        assertThatThrownBy(() -> read(file, true))
                .isInstanceOf(TraceException.class)
                .hasMessageStartingWith(
                        file + ", line 1: \"Dear reader,\": no format that is known (expected one of: ");
    }

    @Test
    void anEmptyFileIsInNoFormat() throws IOException {
        Path file = Files.createFile(directory.resolve("empty"));

        assertThatThrownBy(() -> read(file, true)).hasMessageStartingWith(file + ": no format that is known");
    }

    private static byte[] text(String... lines) {
        return String.join("\n", lines).getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void aGzipFileThatIsCutOffSaysHowFarItCame() throws IOException {
        byte[] whole = Files.readAllBytes(Traces.MEMCACHED);
        Path file = Files.write(directory.resolve("cut.gz"), Arrays.copyOf(whole, whole.length / 2));

        assertThatThrownBy(() -> read(file, false))
                .isInstanceOf(TraceException.class)
                .hasMessageMatching(".*cut.gz: the gzip data end early, after 5\\d,?\\d{3} whole lines.*");
    }

    @Test
    void aDamagedGzipFileIsAnError() throws IOException {
        byte[] bytes = Files.readAllBytes(Traces.MEMCACHED);
        Arrays.fill(bytes, bytes.length / 2, bytes.length / 2 + 64, (byte) 0xFF);
        Path file = Files.write(directory.resolve("damaged.gz"), bytes);

        assertThatThrownBy(() -> read(file, true))
                .isInstanceOf(TraceException.class)
                .hasMessageContaining("damaged.gz");
    }

    @Test
    void aFileThatIsNotThereIsAnError() {
        assertThatThrownBy(() -> TraceReader.open(directory.resolve("none"), false))
                .isInstanceOf(TraceException.class)
                .hasMessageContaining("no such file");
    }

    private static List<Traces.Fault> read(Path file, boolean skipsBadLines) {
        return Traces.read(file, skipsBadLines);
    }
}
