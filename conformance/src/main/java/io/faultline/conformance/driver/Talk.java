// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance.driver;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The listening side of one stream. Messages come on gRPC's thread and are kept under the conversation's lock.
 *
 * @param <T> the stream's messages
 */
final class Talk<T> implements StreamObserver<T> {
    private final Conversation conversation;
    private final String name;
    private final Consumer<T> listener;
    /** Guarded by the conversation. */
    private @Nullable Status end;

    Talk(Conversation conversation, String name, Consumer<T> listener) {
        this.conversation = conversation;
        this.name = name;
        this.listener = listener;
    }

    /** How the stream ended, or null while it has not. With the conversation's lock held. */
    @Nullable
    Status end() {
        return end;
    }

    /** Nothing more can come of a stream that has ended. With the conversation's lock held. */
    void requireOpen(String waitingFor) {
        if (end != null) {
            throw new Violation(waitingFor, "the end of the " + name + " stream: " + words(end));
        }
    }

    static String words(Status status) {
        return status.getDescription() == null
                ? status.getCode().toString()
                : status.getCode() + " (" + status.getDescription() + ")";
    }

    @Override
    public void onNext(T message) {
        listener.accept(message);
    }

    @Override
    public void onError(Throwable error) {
        ended(Status.fromThrowable(error));
    }

    @Override
    public void onCompleted() {
        ended(Status.OK);
    }

    private void ended(Status status) {
        conversation.heard("the " + name + " stream ended: " + words(status), () -> end = status);
    }
}
