// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app.grpc;

import io.faultline.rpc.Statuses;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The open streams of one endpoint, up to a bound, and their end when the service stops. Loop thread only.
 *
 * @param <I> the message that comes in
 * @param <O> the message that goes out
 * @param <S> the stream
 */
final class ServerStreams<I, O, S extends ServerStream<I, O>> {
    private final Set<S> open = new LinkedHashSet<>();
    private final int max;
    private boolean draining;

    /** No streams, and at most {@code max} at once. */
    ServerStreams(int max) {
        this.max = max;
    }

    /** Opens a stream on a call, or ends the call with the reason why not. */
    StreamObserver<I> open(StreamObserver<O> responses, Function<ServerCallStreamObserver<O>, S> factory) {
        if (draining) {
            responses.onError(Statuses.unavailable("the service is shutting down"));
            return new Refused<>();
        }
        if (open.size() >= max) {
            responses.onError(Statuses.resourceExhausted("streams: " + open.size() + " (expected: < " + max + ")"));
            return new Refused<>();
        }
        S stream = factory.apply((ServerCallStreamObserver<O>) responses);
        open.add(stream);
        return stream;
    }

    /** A stream has ended. */
    void ended(ServerStream<I, O> stream) {
        open.remove(stream);
    }

    /** Has each stream look again whether it may be read. */
    void resume() {
        open.forEach(ServerStream::resume);
    }

    /** Opens no more, and ends each open one in good order after {@code last} was done for it. */
    void drain(Consumer<S> last) {
        draining = true;
        for (S stream : List.copyOf(open)) {
            last.accept(stream);
            stream.complete();
        }
    }

    /** What is left of a call that was refused: it has ended, what still comes is dropped. */
    private static final class Refused<I> implements StreamObserver<I> {
        @Override
        public void onNext(I batch) {}

        @Override
        public void onError(Throwable error) {}

        @Override
        public void onCompleted() {}
    }
}
