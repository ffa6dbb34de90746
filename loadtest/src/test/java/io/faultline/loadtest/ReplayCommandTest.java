// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.loadtest.trace.Traces;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class ReplayCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it.
    private Path directory;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--tasks=0           | tasks: 0 (expected: 1 to 4096)",
                "--vcpus=4097        | vCPUs: 4097 (expected: 1 to 4096)",
                "--resident-pages=63 | resident pages: 63 (expected: at least 64)",
                "--page-size=8192    | page size: 8192 bytes (expected: 4096, 16384 or 65536)",
                "--vm-id=0           | VM id: 0 (expected: at least 1)",
                "--faults=0          | faults: 0 (expected: 1 to 20000000)",
                "--vcpu=localhost    | address: localhost (expected: HOST:PORT, such as 127.0.0.1:7001)",
                "--rate=0            | rate: 0.0 faults a second (expected: more than 0, at most 1000000)",
                "--rate=2000000      | rate: 2000000.0 faults a second (expected: more than 0, at most 1000000)",
                "--speed=0           | speed: 0.0 (expected: 0.001 to 1000000)",
                "--vms=0             | VMs: 0 (expected: 1 to 64)",
                "--vms=65            | VMs: 65 (expected: 1 to 64)",
                "--reattach-after=5  | reattach after: 5 faults (expected: more than where it detaches, 0)",
            })
    void aSettingOutOfRangeIsNamedWithWhatIsAllowed(String option, String message) {
        assertThat(execute("--trace", Traces.REDIS.toString(), option)).isEqualTo(2);

        assertThat(err.toString()).isEqualToIgnoringNewLines(message);
    }

    @ParameterizedTest
    @CsvSource({"--async,=perhaps", "--tasks,=many", "--duration,=5", "--duration,=0s", "--nonsense,''"})
    void anOptionThatCannotBeReadIsAUsageError(String name, String value) {
        assertThat(execute("--trace", Traces.REDIS.toString(), name + value)).isEqualTo(2);

        assertThat(err.toString()).contains(name);
    }

    @Test
    void aReportIsOfOneVm() {
        assertThat(execute("--trace", Traces.REDIS.toString(), "--vms=2", "--html=report.html"))
                .isEqualTo(2);

        assertThat(err.toString()).isEqualToIgnoringNewLines("--html: report.html (expected: one VM, or --json)");
    }

    @Test
    void aRateAndASpeedExcludeEachOther() {
        assertThat(execute("--trace", Traces.REDIS.toString(), "--rate=5", "--speed=1"))
                .isEqualTo(2);

        assertThat(err.toString()).isEqualToIgnoringNewLines("--rate and --speed (expected: one of them)");
    }

    @Test
    void aMalformedRecordingIsNamedByLine() throws IOException {
        Path file = Traces.write(directory, "hello");

        assertThat(execute("--trace", file.toString())).isEqualTo(2);

        assertThat(err.toString()).contains(file + ", line 1: \"hello\"");
    }

    @Test
    void servicesThatAreNotThereHaveAnExitCodeOfTheirOwn() {
        assertThat(execute("--trace", Traces.REDIS.toString(), "--faults=10", "--vcpu=127.0.0.1:1"))
                .isEqualTo(3);

        assertThat(err.toString()).startsWith("vcpu-service at 127.0.0.1:1 cannot be reached: UNAVAILABLE");
    }

    @Test
    void helpSaysWhatTheExitCodesMean() {
        assertThat(execute("--help")).isZero();

        assertThat(out.toString())
                .contains("--skip-bad-lines", "Exit codes:", "a service or the broker cannot be reached");
    }

    private int execute(String... arguments) {
        CommandLine commandLine =
                ReplayCommand.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return commandLine.execute(arguments);
    }
}
