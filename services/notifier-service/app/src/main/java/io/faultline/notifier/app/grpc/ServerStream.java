// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app.grpc;

import io.faultline.rpc.BatchStream;
import io.faultline.rpc.Turn;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;

/**
 * The server's end of a stream of batches both ways, whichever way it ends. The next batch is asked for when the last one
 * was consumed and what it can make is taken: by the peer, so one that does not read is not read either, and by whom else
 * the stream names. Loop thread only.
 *
 * @param <I> the message that comes in
 * @param <O> the message that goes out
 */
abstract class ServerStream<I, O> implements StreamObserver<I> {
    private final ServerCallStreamObserver<O> call;
    private final BatchStream<O> out;
    private final Consumer<ServerStream<I, O>> onEnd;
    private boolean isRequestDue;
    private boolean ended;

    /**
     * A stream that asks for its first batch.
     *
     * @param onEnd hears of the stream once, when it has ended
     */
    ServerStream(
            Turn turn,
            ServerCallStreamObserver<O> call,
            BatchStream.Batch<O> batch,
            Consumer<ServerStream<I, O>> onEnd) {
        this.call = call;
        this.onEnd = onEnd;
        out = new BatchStream<>(turn, call, batch);
        call.disableAutoRequest();
        call.setOnReadyHandler(this::ready);
        call.setOnCancelHandler(this::broke);
        call.request(1);
    }

    /** Acts on a batch. */
    abstract void received(I batch);

    /** The peer takes output again. */
    abstract void writable();

    /** Whether whoever else hears of this stream's batches takes what they make. */
    boolean isHeard() {
        return true;
    }

    /** Lets go of what the stream held: it has ended, or is about to. */
    abstract void released();

    @Override
    public final void onNext(I batch) {
        if (!ended) {
            received(batch);
            isRequestDue = true;
            resume();
        }
    }

    @Override
    public final void onError(Throwable error) {
        broke();
    }

    @Override
    public final void onCompleted() {
        complete();
    }

    /** To be called after each record that was put into the batch. */
    final void appended() {
        out.appended();
    }

    final boolean isReady() {
        return out.isReady();
    }

    /** Ends the stream in good order, with what it has so far. */
    final void complete() {
        if (end()) {
            out.complete();
        }
    }

    /** Ends the stream with an error. */
    final void fail(Throwable error) {
        if (end()) {
            out.fail(error);
        }
    }

    /** Asks for the next batch, if that is due and its output would be taken. */
    final void resume() {
        if (isRequestDue && !ended && call.isReady() && isHeard()) {
            isRequestDue = false;
            call.request(1);
        }
    }

    private void broke() {
        if (end()) {
            out.abandon();
        }
    }

    private boolean end() {
        if (ended) {
            return false;
        }
        ended = true;
        released();
        onEnd.accept(this);
        return true;
    }

    private void ready() {
        if (!ended) {
            writable();
            resume();
        }
    }
}
