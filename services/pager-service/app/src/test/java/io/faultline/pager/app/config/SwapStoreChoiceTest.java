// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SwapStoreChoiceTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "rocksdb",
                "memory",
                "redis://127.0.0.1:6379",
                "redis://cache.example:6379/3",
                "rediss://[::1]:6380",
                "redis-cluster://a:7000,b:7001,[fe80::1]:7002",
                "rediss-cluster://a:7000"
            })
    void whatIsAllowedReadsBackAsItWasWritten(String text) {
        assertThat(SwapStoreChoice.of(text)).hasToString(text);
    }

    @Test
    void aUrlSaysWhereAndHow() {
        assertThat(SwapStoreChoice.of("rediss-cluster://a:7000,[::1]:7001"))
                .isEqualTo(new SwapStoreChoice.Redis(
                        true,
                        true,
                        List.of(new SwapStoreChoice.Node("a", 7000), new SwapStoreChoice.Node("::1", 7001)),
                        0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "redsi",
                "redis",
                "redis://",
                "redis://host",
                "redis://host:0",
                "redis://host:65536",
                "redis://host:port",
                "redis://host:6379/x",
                "redis://a:6379,b:6379",
                "redis-cluster://a:6379/1",
                "redis-cluster://a:6379,",
                "http://host:6379"
            })
    void anythingElseIsNamedWithWhatIsAllowed(String text) {
        assertThatThrownBy(() -> SwapStoreChoice.of(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("swap store: " + text + " (expected: " + SwapStoreChoice.EXPECTED + ")");
    }

    @Test
    void credentialsInAUrlAreNotRepeated() {
        assertThatThrownBy(() -> SwapStoreChoice.of("redis://user:secret@host:6379"))
                .hasMessageContaining("PAGER_REDIS_PASSWORD")
                .hasMessageNotContaining("secret");
    }

    @Test
    void aPasswordIsNotPrinted() {
        assertThat(new RedisProperties("pager", "secret", "", 1, 1, 1 << 20).toString())
                .contains("pager")
                .doesNotContain("secret");
    }
}
