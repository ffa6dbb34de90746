// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import io.grpc.stub.CallStreamObserver;

/**
 * The outgoing side of one stream of batches: one open batch, sent when it is full and at the end of the turn. Loop
 * thread only.
 *
 * @param <M> the message that a batch becomes
 */
public final class BatchStream<M> extends Turn.Output {
    private final CallStreamObserver<M> out;
    private final Batch<M> batch;
    private boolean closed;

    /** A stream that sends what gathers in {@code batch}. */
    public BatchStream(Turn turn, CallStreamObserver<M> out, Batch<M> batch) {
        super(turn);
        this.out = out;
        this.batch = batch;
    }

    /** To be called after each record that was put into the batch. */
    public void appended() {
        if (batch.isFull()) {
            send();
        } else {
            mark();
        }
    }

    /** Whether the peer takes more: false once too many bytes wait to be sent, and after the end. */
    public boolean isReady() {
        return !closed && out.isReady();
    }

    /** Sends what is left, then ends the stream in good order. */
    public void complete() {
        if (!closed) {
            send();
            closed = true;
            out.onCompleted();
        }
    }

    /** Ends the stream with an error; what is left is dropped. */
    public void fail(Throwable error) {
        if (!closed) {
            closed = true;
            out.onError(error);
        }
    }

    /** The peer is gone: nothing is sent any more. */
    public void abandon() {
        closed = true;
    }

    @Override
    protected void endOfTurn() {
        send();
    }

    private void send() {
        if (!batch.isEmpty()) {
            M message = batch.take();
            if (!closed) {
                out.onNext(message);
            }
        }
    }

    /**
     * The open batch of a stream.
     *
     * @param <M> the message that it becomes
     */
    public interface Batch<M> {
        /** Whether nothing has gathered. */
        boolean isEmpty();

        /** Whether it has to be sent before anything is added. */
        boolean isFull();

        /** The message of all that has gathered; the batch is empty afterwards. */
        M take();
    }
}
