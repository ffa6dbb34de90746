// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.rocksdb;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.pager.app.store.Envelope;
import io.faultline.pager.app.store.PersistentSwapStoreContract;
import io.faultline.pager.app.store.PlainEnvelope;
import io.faultline.pager.app.store.StoreKey;
import io.faultline.pager.app.store.SwapStoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RocksDbSwapStoreTest extends PersistentSwapStoreContract<RocksDbSwapStore> {
    @TempDir
    Path directory;

    @Override
    protected RocksDbSwapStore open(Envelope envelope) {
        return RocksDbSwapStore.open(directory.resolve("made/pages"), 8 << 20, 2, envelope);
    }

    @Override
    protected byte[] value(StoreKey key) throws Exception {
        return Objects.requireNonNull(store.db().get(key.toBytes()), "a value");
    }

    @Override
    protected void setValue(StoreKey key, byte[] value) throws Exception {
        store.db().put(key.toBytes(), value);
    }

    @Test
    void aDirectoryThatCannotBeUsedIsNamed() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "not a directory");

        assertThatThrownBy(() -> RocksDbSwapStore.open(file, 8 << 20, 1, new PlainEnvelope()))
                .isInstanceOf(SwapStoreException.class)
                .hasMessageContaining("cannot open RocksDB in " + file);
    }
}
