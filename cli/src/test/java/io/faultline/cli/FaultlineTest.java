// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FaultlineTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "demo",
                "up",
                "replay",
                "report",
                "import",
                "bench",
                "bench policy",
                "trace",
                "trace info",
                "trace convert",
                "bench pages",
                "bench faults",
                "bench store",
                "bench regret",
                "bench guest",
                "simulate",
                "conformance",
                "soak",
                "audit",
                "audit tail",
                "audit verify"
            })
    void everyCommandExplainsItself(String command) {
        assertThat(run((command + " --help").strip().split(" "))).isZero();
        assertThat(out.toString()).contains("Usage: faultline " + command).contains("--help");
    }

    @Test
    void anUnknownOptionIsNamed() {
        assertThat(run("demo", "--fautls=3")).isEqualTo(2);
        assertThat(err.toString()).contains("--fautls=3");
    }

    @Test
    void aNumberOutOfRangeIsNamedWithItsRange() {
        assertThat(run("demo", "--dram-pages=1")).isEqualTo(2);
        assertThat(err.toString()).contains("--dram-pages: 1 (expected: 64 to 268435456)");
        assertThat(run("demo", "--compressed-kib=1")).isEqualTo(2);
        assertThat(err.toString()).contains("--compressed-kib: 1 (expected: 0, or 64 to 536870912)");
    }

    @ParameterizedTest
    @CsvSource({
        "--minutes=0, '--minutes: 0.0 (expected: more than 0, at most 10080)'",
        "--vms=65, 'VMs: 65 (expected: 1 to 64)'",
        "--resident-pages=63, 'resident pages: 63 (expected: 64 to 65536)'",
        "--faults=499, 'faults of a VM: 499 (expected: 500 to 20000000)'",
        "--rate=-1, 'faults a second: -1 (expected: 0 to 1000000)'",
    })
    void aSoakThatCannotBeIsRefusedBeforeAnythingIsStarted(String option, String message) {
        assertThat(run("soak", option)).isEqualTo(2);
        assertThat(err.toString()).contains(message);
        assertThat(ProcessHandle.current().children()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo", "up"})
    void anUnknownSwapStoreIsNamedWithThoseThereAre(String command) {
        assertThat(run(command, "--store=redsi://host:1")).isEqualTo(2);
        assertThat(err.toString())
                .contains("redsi://host:1 (expected: rocksdb, memory, redis://HOST:PORT[/DB] or redis-cluster://");
    }

    @Test
    void aDemoSaysWhichSwapStoreCannotBeReached() {
        int port = Processes.freePort();

        assertThat(run("demo", "--store=redis://127.0.0.1:" + port)).isEqualTo(2);
        assertThat(err.toString()).contains("the swap store redis://127.0.0.1:" + port + " cannot be reached");
    }

    @Test
    void anAbsentRecordingIsNamed() {
        assertThat(run("replay", "--trace=" + directory.resolve("absent.gz"))).isEqualTo(2);
        assertThat(err.toString()).contains("absent.gz");
    }

    @Test
    void noServiceAtTheAddressIsSaidInASentence() {
        int port = Processes.freePort();

        assertThat(run(
                        "replay",
                        "--trace=../loadtest/traces/redis-swap.trace.gz",
                        "--faults=10",
                        "--vcpu=127.0.0.1:" + port))
                .isEqualTo(3);
        assertThat(err.toString()).contains("vcpu-service at 127.0.0.1:" + port + " cannot be reached");
    }

    @Test
    void aReportSaysWhichFileItCannotBeMadeOf() throws IOException {
        String html = "--html=" + directory.resolve("report.html");
        Path guests =
                Files.writeString(directory.resolve("guest.json"), "{\"sync\": {}, \"async\": {}, \"settings\": {}}");
        Path other = Files.writeString(directory.resolve("other.json"), "{\"faults\": 3}");
        Path text = Files.writeString(directory.resolve("text"), "no { json");

        assertThat(run("report", html, other.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("other.json: not what a report is made of");
        assertThat(run("report", html, text.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("text: no JSON");
        assertThat(run("report", html, directory.resolve("absent") + "")).isEqualTo(2);
        assertThat(err.toString()).contains("absent cannot be read");
        assertThat(run("report", html, guests.toString(), guests.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("guest.json: a second file of its kind");
        assertThat(run("report", other.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("--html=FILE");
    }

    @Test
    void aReportThatCouldNotBeWrittenIsRefusedBeforeTheDemoStarts() {
        String file = directory.resolve("nowhere/demo.html").toString();

        assertThat(run("demo", "--html=" + file)).isEqualTo(2);
        assertThat(err.toString()).contains("--html: " + file + " (expected: a file in a directory that exists)");
    }

    @Test
    void anImportSaysWhatItCannotUseOrReach() throws IOException {
        Path image = Files.write(directory.resolve("image"), new byte[4096]);
        int port = Processes.freePort();

        assertThat(run("import", "--vm=1", "--image=" + directory.resolve("absent")))
                .isEqualTo(2);
        assertThat(err.toString()).contains("absent cannot be read");
        assertThat(run("import", "--vm=1", "--image=" + image, "--vcpu=nowhere"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("address: nowhere (expected: HOST:PORT");
        assertThat(run("import", "--vm=1", "--image=" + image, "--vcpu=127.0.0.1:" + port))
                .isEqualTo(3);
        assertThat(err.toString()).contains("vcpu-service at 127.0.0.1:" + port + " cannot be reached");
    }

    private int run(String... arguments) {
        return Faultline.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}
