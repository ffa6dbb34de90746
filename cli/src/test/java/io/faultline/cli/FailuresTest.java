// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.BeanCreationException;

class FailuresTest {
    @Test
    void aFailureReadsFromTheOutsideInWithoutRepeatingItself() {
        Exception failure = new IllegalStateException(
                "cannot start: no broker", new IOException("no broker", new IOException("refused")));

        assertThat(Failures.sentence(failure)).isEqualTo("cannot start: no broker: refused");
    }

    @Test
    void beansAreOfNoInterestToWhoRunsACommand() {
        Exception failure = new IllegalStateException(
                "cannot start", new BeanCreationException("auditLog", "failed", new IOException("no broker")));

        assertThat(Failures.sentence(failure)).isEqualTo("cannot start: no broker");
    }

    @Test
    void aFailureWithoutAMessageIsNamedByItsKind() {
        assertThat(Failures.sentence(new ArithmeticException())).isEqualTo("ArithmeticException");
    }
}
