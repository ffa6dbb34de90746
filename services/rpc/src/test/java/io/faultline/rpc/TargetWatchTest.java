// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetWatchTest {
    private final ServiceLoop loop = ServiceLoop.start("target-watch-test");
    private final BlockingQueue<List<String>> heard = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        loop.close();
    }

    @Test
    void addressesStandForThemselves() throws Exception {
        watch("localhost:7002, 10.0.0.1:7003,localhost:7002");

        assertThat(heard.poll(5, TimeUnit.SECONDS)).containsExactly("10.0.0.1:7003", "localhost:7002");
    }

    @Test
    void aNameStandsForItsAddresses() throws Exception {
        watch("dns:///127.0.0.1:7002,10.0.0.1:7003");

        assertThat(heard.poll(5, TimeUnit.SECONDS)).containsExactly("10.0.0.1:7003");
        assertThat(heard.poll(5, TimeUnit.SECONDS)).containsExactly("10.0.0.1:7003", "127.0.0.1:7002");
    }

    @Test
    void aNameThatIsNotResolvedTakesNothingAway() throws Exception {
        watch("dns:///no-such-host.invalid:7002,10.0.0.1:7003");

        assertThat(heard.poll(5, TimeUnit.SECONDS)).containsExactly("10.0.0.1:7003");
        assertThat(heard.poll(300, TimeUnit.MILLISECONDS)).isNull();
    }

    @Test
    void targetsAreListsOfAddressesAndUris() {
        assertThatCode(() -> TargetWatch.requireTargets("a:1,dns:///b:2")).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "pagers", "a:1,", "nosuch:///pagers:7002"})
    void otherTargetsAreRefused(String targets) {
        assertThatThrownBy(() -> TargetWatch.requireTargets(targets))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected: HOST:PORT");
    }

    private void watch(String targets) {
        TargetWatch watch = new TargetWatch(loop, targets, heard::add);
        loop.execute(watch::start);
    }
}
