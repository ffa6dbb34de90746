// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class ConformanceCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void theListNamesEveryCaseOnce() {
        assertThat(run("--list")).isZero();

        assertThat(out.toString().lines().map(line -> line.substring(0, line.indexOf(' '))))
                .hasSameSizeAs(Suite.all())
                .doesNotHaveDuplicates()
                .startsWith("A1", "A2", "A3", "A9", "B1")
                .contains("G10", "H19", "P9");
    }

    @Test
    void theListCanBeOfSome() {
        assertThat(run("--list", "--case=G10,A1")).isZero();
        assertThat(out.toString().lines()).hasSize(2).first().asString().startsWith("A1 ");
    }

    @Test
    void anUnknownCaseIsNamed() {
        assertThat(run("--case=A1,Z9")).isEqualTo(2);
        assertThat(err.toString()).contains("case: Z9 (expected: one that --list names)");
    }

    @Test
    void anAddressWithoutAPortIsNamed() {
        assertThat(run("--notifier=localhost")).isEqualTo(2);
        assertThat(err.toString()).contains("address: localhost (expected: HOST:PORT");
    }

    @Test
    void aTimeoutOutOfRangeIsNamedWithItsRange() {
        assertThat(run("--timeout-ms=1")).isEqualTo(2);
        assertThat(err.toString()).contains("--timeout-ms: 1 (expected: 100 to 600000)");
    }

    @Test
    void aServiceThatCannotBeReachedIsNamedWithItsOption() {
        assertThat(run("--vcpu=127.0.0.1:1")).isEqualTo(3);
        assertThat(err.toString())
                .contains("vcpu-service at 127.0.0.1:1 cannot be reached")
                .contains("--vcpu");
        assertThat(out.toString()).isEmpty();
    }

    private int run(String... arguments) {
        return new CommandLine(new ConformanceCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}
