// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.loadtest.trace.Recording;
import io.faultline.model.PageSize;
import io.faultline.pager.domain.eviction.PolicyKind;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the policies miss over the two recorded streams. */
class RecordedMissesTest {
    private static final double CAFFEINES_AND_A_HUNDREDTH = 1.01;

    @Test
    void theRedisStreamMissesWhatIsKnownOfIt() {
        References redis = load("redis-swap");

        assertThat(redis.count()).isEqualTo(201_964);
        assertThat(redis.distinct()).isEqualTo(32_163);
        assertThat(PolicyMisses.missesOf(PolicyKind.LRU, redis, 12_288)).isEqualTo(158_732);
        assertThat(PolicyMisses.missesOf(PolicyKind.FIFO, redis, 12_288)).isEqualTo(156_003);
        assertThat(Belady.demand(redis, 12_288)).isEqualTo(77_276);
        assertThat(Belady.bypass(redis, 12_288)).isEqualTo(77_275);
    }

    @Test
    void theMemcachedStreamMissesWhatIsKnownOfIt() {
        References memcached = load("memcached-swap");

        assertThat(PolicyMisses.missesOf(PolicyKind.LRU, memcached, 12_288)).isEqualTo(84_971);
        assertThat(PolicyMisses.missesOf(PolicyKind.FIFO, memcached, 12_288)).isEqualTo(84_343);
        assertThat(Belady.demand(memcached, 12_288)).isEqualTo(46_524);
    }

    @ParameterizedTest
    @CsvSource({
        "redis-swap, 1024", "redis-swap, 4096", "redis-swap, 12288",
        "memcached-swap, 1024", "memcached-swap, 4096", "memcached-swap, 12288"
    })
    void theDefaultPolicyKeepsUpWithCaffeine(String trace, int capacity) {
        PolicyMisses counted = PolicyMisses.count(load(trace), capacity);

        int caffeine = counted.misses().getOrDefault("caffeine", 0);
        assertThat(caffeine).isPositive();
        assertThat(counted.misses().getOrDefault("w_tinylfu", Integer.MAX_VALUE))
                .isLessThanOrEqualTo((int) (CAFFEINES_AND_A_HUNDREDTH * caffeine));
    }

    private static References load(String trace) {
        return References.of(Recording.load(
                Path.of("traces", trace + ".trace.gz"),
                new Recording.Options(PageSize.SIZE_4K, 512, Recording.FAULTS_MAX, false)));
    }
}
