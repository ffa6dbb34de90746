// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers.bare;

import io.faultline.rpc.BatchStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Records on their way into one message. Loop thread only.
 *
 * @param <E> the records
 * @param <M> the message
 */
final class Records<E, M> implements BatchStream.Batch<M> {
    private static final int RECORDS_MAX = 1_024;

    private final Function<List<E>, M> message;
    private final List<E> records = new ArrayList<>();

    Records(Function<List<E>, M> message) {
        this.message = message;
    }

    void add(E item) {
        records.add(item);
    }

    @Override
    public boolean isEmpty() {
        return records.isEmpty();
    }

    @Override
    public boolean isFull() {
        return records.size() >= RECORDS_MAX;
    }

    @Override
    public M take() {
        M taken = message.apply(records);
        records.clear();
        return taken;
    }
}
