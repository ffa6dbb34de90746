// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace.info;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.faultline.loadtest.trace.Compression;
import io.faultline.loadtest.trace.TraceReader;
import io.faultline.loadtest.trace.Traces;
import io.faultline.model.PageSize;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class TraceCommandTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it.
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void theRedisRecordingMissesWhatLruMisses() {
        TraceProfile profile = TraceProfile.of(Traces.REDIS, PageSize.SIZE_4K);

        assertThat(profile.misses().misses(12_288)).isEqualTo(158_732);
        assertThat(profile.misses().pages()).isEqualTo(32_163);
        assertThat(profile.misses().misses(32_163)).isEqualTo(32_163);
        assertThat(profile.faults()).isEqualTo(201_964);
    }

    @Test
    void theMemcachedRecordingMissesWhatLruMisses() {
        TraceProfile profile = TraceProfile.of(Traces.MEMCACHED, PageSize.SIZE_4K);

        assertThat(profile.misses().misses(12_288)).isEqualTo(84_971);
        assertThat(profile.threads()).hasSize(7);
        assertThat(profile.workingSet().intervals().stream()
                        .mapToLong(WorkingSet.Interval::faults)
                        .sum())
                .isEqualTo(114_428);
    }

    @Test
    void infoIsATextForAPerson() {
        assertThat(run("info", Traces.MEMCACHED.toString())).isZero();

        assertThat(out.toString())
                .contains("memcached-swap.trace.gz: page_fault_user events in gzip, virtual addresses")
                .contains("114,428")
                .contains("31,561")
                .contains("mc-worker")
                .contains("working set")
                .contains("missed by least recently used");
    }

    @Test
    void infoIsAnObjectForAProgram() {
        assertThat(run("info", "--json", Traces.REDIS.toString())).isZero();

        JsonObject json = JsonParser.parseString(out.toString()).getAsJsonObject();
        assertThat(json.get("faults").getAsLong()).isEqualTo(201_964);
        assertThat(json.get("page_sampling_rate").getAsDouble()).isEqualTo(1);
        assertThat(json.get("duration_s").getAsDouble()).isBetween(5.0, 7.0);
        long before = Long.MAX_VALUE;
        for (JsonElement step : json.getAsJsonArray("lru_misses")) {
            long misses = step.getAsJsonObject().get("misses").getAsLong();
            assertThat(misses).isLessThanOrEqualTo(before);
            before = misses;
        }
        assertThat(before).isEqualTo(json.get("pages").getAsLong());
    }

    @Test
    void aRecordingWithoutTimesIsToldByFaults() throws IOException {
        Path file = Traces.write(directory, "I  0401ab70,3", " L 1fff000680,8", "I  0401ab73,3");

        assertThat(run("info", "--json", file.toString())).isZero();
        JsonObject json = JsonParser.parseString(out.toString()).getAsJsonObject();
        assertThat(json.has("duration_s")).isFalse();
        assertThat(json.get("pages").getAsLong()).isEqualTo(2);
        assertThat(json.getAsJsonArray("intervals")).hasSize(3);
    }

    @Test
    void anEmptyRecordingHasNothing() throws IOException {
        Path file = Traces.write(directory, "# tracer: nop");

        assertThat(run("info", file.toString())).isZero();
        assertThat(run("info", "--json", file.toString())).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.faults", "a.faults.gz", "a.faults.zst", "a.csv", "a.csv.zst"})
    void whatIsConvertedIsTheSame(String name) throws IOException {
        Path file = directory.resolve(name);

        assertThat(run("convert", Traces.MEMCACHED.toString(), file.toString())).isZero();

        assertThat(Traces.read(file, false)).isEqualTo(Traces.read(Traces.MEMCACHED, false));
        assertThat(out.toString()).contains("114,428 faults");
        try (TraceReader reader = TraceReader.open(file, false)) {
            assertThat(reader.description()).contains(name.contains("csv") ? "CSV" : "binary");
            assertThat(reader.compression()).isEqualTo(Compression.ofName(name));
        }
    }

    @Test
    void someFaultsAreConvertedWhenAsked() {
        Path file = directory.resolve("some");

        assertThat(run("convert", "--faults", "10", "--to", "csv", Traces.REDIS.toString(), file.toString()))
                .isZero();
        assertThat(Traces.read(file, false)).hasSize(10);
    }

    @Test
    void aFileThatIsThereStaysUnlessForced() throws IOException {
        Path file = Files.writeString(directory.resolve("there"), "mine");

        assertThat(run("convert", Traces.REDIS.toString(), file.toString())).isEqualTo(2);
        assertThat(file).hasContent("mine");
        assertThat(err.toString()).contains("is there already");
        assertThat(run("convert", "--force", "--faults", "1", Traces.REDIS.toString(), file.toString()))
                .isZero();
        assertThat(Traces.read(file, false)).hasSize(1);
    }

    @Test
    void whatCannotBeReadLeavesNoFile() throws IOException {
        Path bad = Files.write(
                directory.resolve("bad"),
                (Traces.line("a", 1, 0x1000, 4) + "\nhello\n").getBytes(StandardCharsets.UTF_8));

        assertThat(run("convert", bad.toString(), directory.resolve("out").toString()))
                .isEqualTo(2);

        assertThat(err.toString()).contains(bad + ", line 2: \"hello\"");
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).containsExactly(bad);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"info none", "convert none out", "info --page-size 5 traces/redis-swap.trace.gz"})
    void badInputIsToldAndExits2(String arguments) {
        assertThat(run(arguments.split(" "))).isEqualTo(2);
        assertThat(err.toString()).contains("expected: ");
    }

    private int run(String... arguments) {
        return new CommandLine(new TraceCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}
