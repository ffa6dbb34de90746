// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.pager.domain.LoadResult;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RocksDbSwapStoreTest extends SwapStoreContract<RocksDbSwapStore> {
    private static final StoreKey KEY = new StoreKey(3, 5, 1);

    @TempDir
    Path directory;

    @Override
    RocksDbSwapStore open() {
        return RocksDbSwapStore.open(directory.resolve("made/pages"), 8 << 20, 2);
    }

    @Override
    byte[] value(StoreKey key) throws Exception {
        return Objects.requireNonNull(store.db().get(key.toBytes()), "a value");
    }

    @Override
    void setValue(StoreKey key, byte[] value) throws Exception {
        store.db().put(key.toBytes(), value);
    }

    @Test
    void pagesSurviveARestart() throws Exception {
        MemorySegment page = randomPage(16384);
        put(KEY, page);

        store.close();
        store = open();
        MemorySegment target = page(16384);

        assertThat(read(KEY, target)).isEqualTo(LoadResult.DATA);
        assertThat(target.mismatch(page)).isEqualTo(-1);
    }

    @Test
    void aClosedStoreAnswersUnavailable() throws Exception {
        store.close();

        assertThat(read(KEY, page(4096))).isEqualTo(LoadResult.UNAVAILABLE);
        assertThat(tryWrite(putOf(KEY, page(4096)))).isFalse();
    }

    @Test
    void aDirectoryThatCannotBeUsedIsNamed() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "not a directory");

        assertThatThrownBy(() -> RocksDbSwapStore.open(file, 8 << 20, 1))
                .isInstanceOf(SwapStoreException.class)
                .hasMessageContaining("cannot open RocksDB in " + file);
    }
}
