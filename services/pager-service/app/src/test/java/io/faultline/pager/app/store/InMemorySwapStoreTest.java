// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.pager.domain.LoadResult;
import org.junit.jupiter.api.Test;

class InMemorySwapStoreTest extends SwapStoreContract<InMemorySwapStore> {
    private static final long BYTES_MAX = 1 << 20;

    @Override
    protected InMemorySwapStore open(Envelope envelope) {
        return new InMemorySwapStore(BYTES_MAX, envelope);
    }

    @Override
    protected byte[] value(StoreKey key) {
        return store.value(key);
    }

    @Override
    protected void setValue(StoreKey key, byte[] value) {
        store.setValue(key, value);
    }

    @Test
    void aFullStoreTakesNothingMoreUntilSomethingGoes() throws Exception {
        long fits = BYTES_MAX / new PlainEnvelope().sizeMax(65536);
        for (long gfn = 0; gfn < fits; gfn++) {
            put(new StoreKey(1, gfn, 1), randomPage(65536));
        }
        StoreKey one = new StoreKey(1, fits, 1);

        assertThat(tryWrite(putOf(one, randomPage(65536)))).isFalse();
        assertThat(read(one, page(65536))).isEqualTo(LoadResult.ABSENT);
        write(new PageWrites.DropVm(1, ok -> {}));
        assertThat(tryWrite(putOf(one, randomPage(65536)))).isTrue();
    }
}
