// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RocksDbSwapStoreTest extends PersistentSwapStoreContract<RocksDbSwapStore> {
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
    void aDirectoryThatCannotBeUsedIsNamed() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "not a directory");

        assertThatThrownBy(() -> RocksDbSwapStore.open(file, 8 << 20, 1))
                .isInstanceOf(SwapStoreException.class)
                .hasMessageContaining("cannot open RocksDB in " + file);
    }
}
