// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.model.PageSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordingTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it.
    private Path directory;

    @Test
    void redisIsReadWhole() {
        Recording redis = Traces.load(Traces.REDIS);

        assertThat(redis.faultCount()).isEqualTo(201_964);
        assertThat(redis.addressMap().pageCount()).isEqualTo(32_163);
        assertThat(redis.threads()).containsExactly(new Recording.RecordedThread(9644, "redis-server"));
    }

    @Test
    void memcachedIsReadWhole() {
        Recording memcached = Traces.load(Traces.MEMCACHED);

        assertThat(memcached.faultCount()).isEqualTo(114_428);
        assertThat(memcached.addressMap().pageCount()).isEqualTo(31_561);
        assertThat(memcached.threads()).hasSize(7);
    }

    @Test
    void onlyTheFirstFaultsAreTakenWhenAsked() {
        Recording some = Recording.load(Traces.REDIS, new Recording.Options(PageSize.SIZE_64K, 8, 1_000, false));

        assertThat(some.faultCount()).isEqualTo(1_000);
        assertThat(some.addressMap().memslots()).hasSizeLessThanOrEqualTo(8);
    }

    @Test
    void aFileWithoutFaultsIsAnError() throws IOException {
        Path file = Files.writeString(directory.resolve("empty"), "# tracer: nop\n");

        assertThatThrownBy(() -> Traces.load(file))
                .isInstanceOf(TraceException.class)
                .hasMessageContaining("no page faults in 1 lines");
    }
}
