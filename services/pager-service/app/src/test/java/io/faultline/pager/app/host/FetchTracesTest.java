// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.Tier;
import io.faultline.pager.app.store.StoreKey;
import io.faultline.pager.domain.PageAnswer;
import io.faultline.telemetry.TraceParent;
import io.faultline.telemetry.trace.TraceQueue;
import org.junit.jupiter.api.Test;

class FetchTracesTest {
    private static final TraceParent PARENT = new TraceParent(1, 2, 3);
    private static final StoreKey PAGE = new StoreKey(1, 0x4_2000L, 7);
    private static final int STREAM = 4_096;
    private static final int OTHER_STREAM = 4_097;

    private final TraceQueue queue = TraceQueue.on();
    private final FetchTraces traces = new FetchTraces(queue, () -> 1);

    @Test
    void aFetchEndsWithTheAnswerToItsOwnRequest() {
        traces.fetching(PARENT, STREAM, 1, PAGE);
        traces.fetching(PARENT, STREAM, 2, PAGE);
        traces.found(STREAM, 3, Tier.DRAM);
        traces.found(OTHER_STREAM, 1, Tier.DRAM);
        assertThat(queue.recorded()).isZero();

        traces.found(STREAM, 1, Tier.DRAM);
        assertThat(queue.recorded()).isEqualTo(1);
        traces.answered(STREAM, 2, PageAnswer.UNAVAILABLE, Tier.NONE);
        assertThat(queue.recorded()).isEqualTo(2);
    }

    @Test
    void theFetchesOfAStreamThatIsGoneEndAndOthersGoOn() {
        traces.fetching(PARENT, STREAM, 1, PAGE);
        traces.fetching(PARENT, OTHER_STREAM, 1, PAGE);
        traces.fetching(PARENT, STREAM, 2, PAGE);

        traces.gone(STREAM);

        assertThat(queue.recorded()).isEqualTo(2);
        traces.found(OTHER_STREAM, 1, Tier.SWAP_STORE);
        assertThat(queue.recorded()).isEqualTo(3);
    }
}
