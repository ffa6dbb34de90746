// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import io.faultline.rpc.BatchStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Small records on their way into one message, at most {@link #RECORDS_MAX} of them. Loop thread only.
 *
 * @param <E> the records
 * @param <M> the message
 */
final class MessageBatch<E, M> implements BatchStream.Batch<M> {
    /** How many records one message may carry, by the wire contract. */
    static final int RECORDS_MAX = 1024;

    private final Function<List<E>, M> message;
    private final List<E> records = new ArrayList<>();

    /** An empty batch, which becomes a message by {@code message}. */
    MessageBatch(Function<List<E>, M> message) {
        this.message = message;
    }

    /** Adds a record. */
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
