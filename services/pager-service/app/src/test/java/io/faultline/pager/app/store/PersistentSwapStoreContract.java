// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.pager.domain.LoadResult;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** What a swap store does whose pages outlive the pager. */
public abstract class PersistentSwapStoreContract<S extends SwapStore> extends SwapStoreContract<S> {
    private static final StoreKey KEY = new StoreKey(3, 5, 1);

    @Test
    void pagesSurviveARestart() throws Exception {
        MemorySegment page = randomPage(16384);
        put(KEY, page);

        store.close();
        store = open(new PlainEnvelope());
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
}
