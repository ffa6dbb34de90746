// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A call whose client sends and never reads: legal, and as slow as a reader can be. For one thread.
 *
 * @param <Q> the requests
 */
final class UnreadCall<Q> {
    private static final long PATIENCE_NS = TimeUnit.MILLISECONDS.toNanos(500);

    private final ClientCall<Q, ?> call;
    private volatile @Nullable Status status;

    private <R> UnreadCall(ClientCall<Q, R> call) {
        this.call = call;
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status closed, Metadata trailers) {
                        status = closed;
                    }
                },
                new Metadata());
    }

    static <Q, R> UnreadCall<Q> open(Channel channel, MethodDescriptor<Q, R> method) {
        return new UnreadCall<>(channel.newCall(method, CallOptions.DEFAULT));
    }

    /** Sends the only message. */
    void ask(Q message) {
        call.sendMessage(message);
        call.halfClose();
    }

    /** Sends the message again and again until the service has stopped reading, or it was sent so often; how often. */
    int push(Q message, int timesMax) {
        for (int sent = 0; sent < timesMax; sent++) {
            if (!awaitReady()) {
                return sent;
            }
            call.sendMessage(message);
        }
        return timesMax;
    }

    private boolean awaitReady() {
        long beginNs = System.nanoTime();
        while (!call.isReady()) {
            if (status != null || System.nanoTime() - beginNs > PATIENCE_NS) {
                return false;
            }
            LockSupport.parkNanos(100_000);
        }
        return true;
    }

    /** Whether the service ended the call. */
    boolean hasEnded() {
        return status != null;
    }

    /** How it did. */
    Status status() {
        return Objects.requireNonNull(status, "the call stands");
    }

    void cancel() {
        call.cancel("the test is done with it", null);
    }
}
