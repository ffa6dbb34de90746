// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.pager.app.store.Envelope;
import io.faultline.pager.app.store.PageWrites;
import io.faultline.pager.app.store.PersistentSwapStoreContract;
import io.faultline.pager.app.store.PlainEnvelope;
import io.faultline.pager.app.store.StoreKey;
import io.faultline.pager.app.store.SwapStoreException;
import io.faultline.pager.domain.LoadResult;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RocksDbSwapStoreTest extends PersistentSwapStoreContract<RocksDbSwapStore> {
    private static final int SIZE = 4096;
    private static final int PAGES = 1 << 14;
    private static final int BATCH = 256;

    @TempDir
    Path directory;

    @Override
    protected RocksDbSwapStore open(Envelope envelope) {
        return RocksDbSwapStore.open(
                new RocksDbSwapStore.Settings(directory.resolve("made/pages"), 8 << 20, 0, 2), envelope);
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
    void aDroppedVmsSpaceIsGivenBackAndOthersPagesStay() throws Exception {
        StoreKey kept = new StoreKey(2, 1, 1);
        MemorySegment page = randomPage(SIZE);
        put(kept, page);
        long emptyBytes = sizeBytes();
        for (int gfn = 0; gfn < PAGES; gfn += BATCH) {
            PageWrites.Write[] batch = new PageWrites.Write[BATCH];
            for (int i = 0; i < BATCH; i++) {
                batch[i] = putOf(new StoreKey(1 + 2 * (gfn / BATCH % 2), gfn + i, 1), randomPage(SIZE));
            }
            write(batch);
        }
        assertThat(sizeBytes() - emptyBytes).isGreaterThan((long) PAGES * SIZE);

        write(new PageWrites.DropVm(1, ok -> {}), new PageWrites.DropVm(3, ok -> {}));

        await(() -> sizeBytes() - emptyBytes < PAGES * SIZE / 20);
        MemorySegment target = page(SIZE);
        assertThat(read(kept, target)).isEqualTo(LoadResult.DATA);
        assertThat(target.mismatch(page)).isEqualTo(-1);
    }

    @Test
    void onADiskWithoutRoomNoPageIsWrittenAndPagesAreReadAndForgotten() throws Exception {
        StoreKey kept = new StoreKey(2, 1, 1);
        StoreKey deleted = new StoreKey(2, 2, 1);
        StoreKey dropped = new StoreKey(3, 1, 1);
        StoreKey refused = new StoreKey(2, 3, 1);
        for (StoreKey key : List.of(kept, deleted, dropped)) {
            put(key, randomPage(SIZE));
        }
        store.close();
        store = RocksDbSwapStore.open(
                new RocksDbSwapStore.Settings(directory.resolve("made/pages"), 8 << 20, Long.MAX_VALUE, 2),
                new PlainEnvelope());

        assertThat(tryWrite(putOf(refused, randomPage(SIZE)))).isFalse();
        assertThat(tryWrite(
                        putOf(refused, randomPage(SIZE)),
                        new PageWrites.Delete(deleted),
                        new PageWrites.DropVm(3, ok -> {})))
                .isFalse();

        MemorySegment target = page(SIZE);
        assertThat(read(kept, target)).isEqualTo(LoadResult.DATA);
        assertThat(read(deleted, target)).isEqualTo(LoadResult.ABSENT);
        assertThat(read(dropped, target)).isEqualTo(LoadResult.ABSENT);
        assertThat(read(refused, target)).isEqualTo(LoadResult.ABSENT);
        assertThat(tryWrite(new PageWrites.DropVm(2, ok -> {}))).isTrue();
    }

    @Test
    void aDirectoryThatCannotBeUsedIsNamed() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "not a directory");

        assertThatThrownBy(() ->
                        RocksDbSwapStore.open(new RocksDbSwapStore.Settings(file, 8 << 20, 0, 1), new PlainEnvelope()))
                .isInstanceOf(SwapStoreException.class)
                .hasMessageContaining("cannot open RocksDB in " + file);
    }

    private long sizeBytes() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.map(Path::toFile).mapToLong(File::length).sum();
        }
    }
}
