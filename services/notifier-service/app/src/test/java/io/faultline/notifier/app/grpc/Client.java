// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app.grpc;

import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The other end of a stream: sends batches and gathers the records that come back.
 *
 * @param <I> the message that it sends
 * @param <O> the message that comes back
 * @param <R> a record of that message
 */
final class Client<I, O, R> implements ClientResponseObserver<I, O> {
    private final Function<O, List<R>> recordsOf;
    private final boolean readsAtOnce;
    private final List<R> records = new ArrayList<>();
    private final List<Integer> sizes = new ArrayList<>();
    private @Nullable ClientCallStreamObserver<I> call;
    private @Nullable Status end;

    /** A client that reads whatever comes, or only when told to. */
    Client(Function<O, List<R>> recordsOf, boolean readsAtOnce) {
        this.recordsOf = recordsOf;
        this.readsAtOnce = readsAtOnce;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<I> requests) {
        call = requests;
        if (!readsAtOnce) {
            requests.disableAutoRequestWithInitial(0);
        }
    }

    @Override
    public void onNext(O message) {
        List<R> more = recordsOf.apply(message);
        records.addAll(more);
        sizes.add(more.size());
    }

    @Override
    public void onError(Throwable error) {
        end = Status.fromThrowable(error);
    }

    @Override
    public void onCompleted() {
        end = Status.OK;
    }

    void send(I batch) {
        call().onNext(batch);
    }

    /** Half-closes: this end has no more to say. */
    void complete() {
        call().onCompleted();
    }

    /** Breaks the stream off. */
    void cancel() {
        call().cancel("the test breaks it off", null);
    }

    void read(int messages) {
        call().request(messages);
    }

    /** The records since the last look. */
    List<R> records() {
        List<R> seen = List.copyOf(records);
        records.clear();
        return seen;
    }

    /** How many records each message so far carried. */
    List<Integer> sizes() {
        return sizes;
    }

    /** How the stream ended, or null while it is open. */
    @Nullable
    Status end() {
        return end;
    }

    private ClientCallStreamObserver<I> call() {
        if (call == null) {
            throw new IllegalStateException("call: not started (expected: started)");
        }
        return call;
    }
}
