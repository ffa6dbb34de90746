// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BackoffTest {
    private final Backoff backoff = new Backoff(50, 350);

    @Test
    void waitsDoubleUpToTheMost() {
        assertThat(new long[] {backoff.nextNs(), backoff.nextNs(), backoff.nextNs(), backoff.nextNs(), backoff.nextNs()
                })
                .containsExactly(50, 100, 200, 350, 350);
    }

    @Test
    void aSuccessBeginsAgainAtTheLeast() {
        backoff.nextNs();
        backoff.nextNs();

        backoff.reset();

        assertThat(backoff.nextNs()).isEqualTo(50);
    }
}
