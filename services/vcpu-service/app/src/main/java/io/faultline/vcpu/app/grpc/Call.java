// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/**
 * One unary call, answered once however many try: an answer and a timeout may race, and the client may be gone. Loop
 * thread only.
 *
 * @param <R> the response
 */
final class Call<R> {
    private final ServerCallStreamObserver<R> observer;
    private boolean answered;

    Call(StreamObserver<R> observer) {
        this.observer = (ServerCallStreamObserver<R>) observer;
        this.observer.setOnCancelHandler(() -> answered = true);
    }

    /** Hears once when the call is over: its answer has left, or it was broken off. Only before its method returns. */
    void whenOver(Runnable over) {
        observer.setOnCloseHandler(over);
        observer.setOnCancelHandler(() -> {
            answered = true;
            over.run();
        });
    }

    /** Runs what may refuse the call by a status. */
    void run(Runnable handler) {
        try {
            handler.run();
        } catch (StatusRuntimeException refusal) {
            fail(refusal);
        }
    }

    /** Answers, unless that was done. */
    void answer(R response) {
        if (!answered) {
            answered = true;
            observer.onNext(response);
            observer.onCompleted();
        }
    }

    /** Refuses, unless it was answered. */
    void fail(StatusRuntimeException status) {
        if (!answered) {
            answered = true;
            observer.onError(status);
        }
    }
}
