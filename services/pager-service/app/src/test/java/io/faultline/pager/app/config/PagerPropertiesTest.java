// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.pager.app.compression.CodecKind;
import io.faultline.pager.domain.eviction.PolicyKind;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class PagerPropertiesTest {
    @Test
    void defaultsAreThese() {
        assertThat(bind(Map.of()))
                .isEqualTo(new PagerProperties(
                        new SwapStoreChoice.RocksDb(),
                        256 << 20,
                        new PolicyChoice(PolicyKind.W_TINYLFU, false),
                        2048,
                        64 << 20,
                        CodecKind.LZ4,
                        Path.of("data/pager"),
                        32 << 20,
                        256 << 20,
                        2,
                        1 << 30,
                        0,
                        new RedisProperties("", "", "", 2000, 1000, 32 << 20),
                        "",
                        false,
                        1024,
                        16384,
                        8192,
                        32768,
                        16384,
                        256,
                        64 << 20,
                        3000));
    }

    @Test
    void namesAreThese() {
        assertThat(bind(Map.ofEntries(
                        Map.entry("faultline.pager.store", "memory"),
                        Map.entry("faultline.pager.dram-max-bytes", "2000000"),
                        Map.entry("faultline.pager.dram-policy", "s3-fifo"),
                        Map.entry("faultline.pager.shadow-pages", "512"),
                        Map.entry("faultline.pager.compressed-max-bytes", "1000000"),
                        Map.entry("faultline.pager.compressed-codec", "zstd"),
                        Map.entry("faultline.pager.rocksdb-directory", "/pages"),
                        Map.entry("faultline.pager.rocksdb-block-cache-bytes", "3000000"),
                        Map.entry("faultline.pager.rocksdb-disk-reserve-bytes", "5000000"),
                        Map.entry("faultline.pager.rocksdb-readers", "4"),
                        Map.entry("faultline.pager.memory-store-max-bytes", "5"),
                        Map.entry("faultline.pager.redis.username", "pager"),
                        Map.entry("faultline.pager.redis.password", "secret"),
                        Map.entry("faultline.pager.redis.ca-file", "/ca.pem"),
                        Map.entry("faultline.pager.redis.connect-timeout-ms", "13"),
                        Map.entry("faultline.pager.redis.timeout-ms", "14"),
                        Map.entry("faultline.pager.redis.in-flight-max-bytes", "15000000"),
                        Map.entry("faultline.pager.store-latency-us", "16"),
                        Map.entry("faultline.pager.key-ring-file", "/keys"),
                        Map.entry("faultline.pager.accept-unsealed", "true"),
                        Map.entry("faultline.pager.loads-in-flight-max", "6"),
                        Map.entry("faultline.pager.loads-queued-max", "7"),
                        Map.entry("faultline.pager.stores-in-flight-max", "8"),
                        Map.entry("faultline.pager.waiters-max", "9"),
                        Map.entry("faultline.pager.deletes-in-flight-max", "10"),
                        Map.entry("faultline.pager.streams-max", "11"),
                        Map.entry("faultline.pager.unsent-max-bytes", "1200000"),
                        Map.entry("faultline.pager.drain-ms", "12"))))
                .isEqualTo(new PagerProperties(
                        new SwapStoreChoice.Memory(),
                        2_000_000,
                        new PolicyChoice(PolicyKind.S3_FIFO, false),
                        512,
                        1_000_000,
                        CodecKind.ZSTD,
                        Path.of("/pages"),
                        3_000_000,
                        5_000_000,
                        4,
                        5,
                        16,
                        new RedisProperties("pager", "secret", "/ca.pem", 13, 14, 15_000_000),
                        "/keys",
                        true,
                        6,
                        7,
                        8,
                        9,
                        10,
                        11,
                        1_200_000,
                        12));
    }

    @Test
    void aValueOutOfRangeIsNamed() {
        assertThatThrownBy(() -> bind(Map.of("faultline.pager.dram-max-bytes", "4096")))
                .rootCause()
                .hasMessage("faultline.pager.dram-max-bytes: 4096 (expected: 1048576 to 2199023255552)");
        assertThatThrownBy(() -> bind(Map.of("faultline.pager.compressed-max-bytes", "4096")))
                .rootCause()
                .hasMessage("faultline.pager.compressed-max-bytes: 4096 (expected: 65536 to 549755813888)");
    }

    @Test
    void aPolicyIsNamedOrChosenByItself() {
        for (String auto : new String[] {"auto", "AUTO"}) {
            assertThat(bind(Map.of("faultline.pager.dram-policy", auto)).dramPolicy())
                    .isEqualTo(new PolicyChoice(PolicyKind.W_TINYLFU, true));
        }
        for (String lirs : new String[] {"lirs", "LIRS"}) {
            assertThat(bind(Map.of("faultline.pager.dram-policy", lirs)).dramPolicy())
                    .isEqualTo(new PolicyChoice(PolicyKind.LIRS, false));
        }
        assertThatThrownBy(() -> bind(Map.of("faultline.pager.dram-policy", "mru")))
                .rootCause()
                .hasMessage("faultline.pager.dram-policy: mru"
                        + " (expected: fifo, lru, clock, sieve, s3-fifo, lirs, w-tinylfu or auto)");
    }

    @Test
    void shadowsMayBeLeftOutUnlessThePolicyIsChosenByThem() {
        assertThat(bind(Map.of("faultline.pager.shadow-pages", "0")).shadowPages())
                .isZero();
        assertThatThrownBy(
                        () -> bind(Map.of("faultline.pager.shadow-pages", "0", "faultline.pager.dram-policy", "auto")))
                .rootCause()
                .hasMessage("faultline.pager.shadow-pages: 0 (expected: 256 to 65536)");
    }

    @Test
    void unsealedPagesAreAcceptedOnlyWhereThereAreKeys() {
        assertThatThrownBy(() -> bind(Map.of("faultline.pager.accept-unsealed", "true")))
                .rootCause()
                .hasMessageContaining("without faultline.pager.key-ring-file");
    }

    private static PagerProperties bind(Map<String, String> settings) {
        return new Binder(new MapConfigurationPropertySource(settings))
                .bindOrCreate("faultline.pager", PagerProperties.class);
    }
}
