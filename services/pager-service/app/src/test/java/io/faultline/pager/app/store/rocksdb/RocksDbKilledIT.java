// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.pager.app.store.PlainEnvelope;
import io.faultline.pager.app.store.SwapStoreProbe;
import io.faultline.pager.domain.LoadResult;
import java.io.BufferedReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pager's process is killed in the middle of writing, three times: what was acknowledged is there, and right. */
class RocksDbKilledIT extends SwapStoreProbe<RocksDbSwapStore> {
    private static final int KILLS = 3;
    private static final int PAGES_A_LIFE_MIN = 4_000;

    @TempDir
    Path directory;

    @Test
    void everyAcknowledgedPageSurvivesSigkill() throws Exception {
        long acknowledged = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            acknowledged = writeUntilKilled(acknowledged);
        }

        store = RocksDbSwapStore.open(new RocksDbSwapStore.Settings(directory, 8 << 20, 0, 1), new PlainEnvelope());
        try {
            for (long gfn = 0; gfn < acknowledged; gfn++) {
                requireWhole(gfn, false);
            }
            for (long gfn = acknowledged; gfn < acknowledged + 8 * EndlessWriter.BATCH; gfn++) {
                requireWhole(gfn, true);
            }
        } finally {
            end();
        }
    }

    /** Frames from a first one on; the number of the first that was not acknowledged when the process was killed. */
    private long writeUntilKilled(long first) throws Exception {
        Process writer = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx256m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        EndlessWriter.class.getName(),
                        directory.toString(),
                        Long.toString(first)))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        long next = first;
        try (BufferedReader lines = writer.inputReader()) {
            String line = lines.readLine();
            while (line != null) {
                assertThat(Long.parseLong(line))
                        .as("batches are answered in order")
                        .isEqualTo(next);
                next += EndlessWriter.BATCH;
                if (next - first >= PAGES_A_LIFE_MIN) {
                    writer.toHandle().destroyForcibly();
                }
                line = lines.readLine();
            }
        } finally {
            writer.destroyForcibly().waitFor();
        }
        assertThat(writer.exitValue()).as("128 + SIGKILL").isEqualTo(137);
        return next;
    }

    private void requireWhole(long gfn, boolean mayBeAbsent) throws Exception {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment target = arena.allocate(EndlessWriter.SIZE);
            LoadResult result = read(EndlessWriter.key(gfn), target);
            if (mayBeAbsent && result == LoadResult.ABSENT) {
                return;
            }
            assertThat(result).as("frame %d", gfn).isEqualTo(LoadResult.DATA);
            assertThat(target.mismatch(MemorySegment.ofArray(EndlessWriter.bytes(gfn))))
                    .isEqualTo(-1);
        }
    }
}
