// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import io.faultline.rpc.BatchStream;
import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.Statuses;
import io.faultline.rpc.Turn;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * A stream of batches to one peer that is opened again whenever it broke, after a wait that doubles with each failure in a
 * row. Loop thread only.
 *
 * @param <Q> the batches sent
 * @param <R> the batches received
 */
final class PeerStream<Q, R> {
    private static final Logger log = LoggerFactory.getLogger(PeerStream.class);

    private final ServiceLoop loop;
    private final Turn turn;
    private final ManagedChannel channel;
    private final Protocol<Q, R> protocol;
    private final Backoff backoff;

    private volatile @Nullable Attempt current;
    private @Nullable Future<?> retry;
    private boolean closed;
    /** Whether there was a failure since the last connection: of several in a row only the first is worth a warning. */
    private boolean missed;

    /** A stream that does nothing before {@link #start}. */
    PeerStream(ServiceLoop loop, Turn turn, ManagedChannel channel, Protocol<Q, R> protocol, Backoff backoff) {
        this.loop = loop;
        this.turn = turn;
        this.channel = channel;
        this.protocol = protocol;
        this.backoff = backoff;
    }

    /** Opens the stream, now and after each break, until {@link #close}. */
    void start() {
        if (closed) {
            return;
        }
        channel.resetConnectBackoff();
        Attempt attempt = new Attempt();
        current = attempt;
        ClientCalls.asyncBidiStreamingCall(protocol.open(channel), attempt);
    }

    /**
     * Whether the peer's transport has taken the stream; between a break and the next connection it has not. From any
     * thread.
     */
    boolean isConnected() {
        Attempt attempt = current;
        return attempt != null && attempt.connected;
    }

    /** Whether the peer takes more at once. */
    boolean isReady() {
        Attempt attempt = current;
        return attempt != null && attempt.connected && attempt.out().isReady();
    }

    /** To be called after each record put into the batch, only while connected. */
    void appended() {
        Attempt attempt = current;
        if (attempt == null || !attempt.connected) {
            throw new IllegalStateException(name() + ": not connected (expected: connected)");
        }
        attempt.out().appended();
    }

    /** Breaks the stream, if it is up, as if the peer had done so: it is opened again. */
    void giveUp(String why) {
        Attempt attempt = current;
        if (attempt != null && attempt.connected) {
            broke(attempt, Status.DEADLINE_EXCEEDED.withDescription(why));
            attempt.cancel(why);
        }
    }

    /** Sends what has gathered and ends the stream for good; only messages are heard of any more. */
    void close() {
        closed = true;
        if (retry != null) {
            retry.cancel(false);
        }
        Attempt attempt = current;
        if (attempt != null && attempt.connected) {
            attempt.out().complete();
            channel.shutdown();
        } else {
            channel.shutdownNow();
        }
    }

    private void broke(Attempt attempt, Status status) {
        if (current != attempt) {
            return;
        }
        current = null;
        attempt.out().abandon();
        if (!protocol.batch().isEmpty()) {
            protocol.batch().take();
        }
        if (closed) {
            return;
        }
        long waitNs = backoff.nextNs();
        log.atLevel(missed ? Level.DEBUG : Level.WARN)
                .log(
                        "{}: {} ({}), trying again in {} ms",
                        name(),
                        attempt.connected ? "lost" : "not reached",
                        Statuses.describe(status),
                        TimeUnit.NANOSECONDS.toMillis(waitNs));
        missed = true;
        if (attempt.connected) {
            protocol.disconnected();
        }
        retry = loop.schedule(this::start, waitNs);
    }

    private String name() {
        return protocol.name() + " at " + channel.authority();
    }

    /**
     * What travels on a stream, and who hears of it. Loop thread only.
     *
     * @param <Q> the batches sent
     * @param <R> the batches received
     */
    interface Protocol<Q, R> {
        /** The peer's name for people. */
        String name();

        /** A new call of the stream's method, not started. */
        ClientCall<Q, R> open(Channel channel);

        /** The batch in which records gather. */
        BatchStream.Batch<Q> batch();

        /** The stream is up: what is appended from now on is sent. */
        void connected();

        /** The peer sent a batch. */
        void received(R message);

        /** The stream is gone with all that was not answered; it will be up again. */
        void disconnected();
    }

    /** One try to have the stream, until it breaks. */
    private final class Attempt implements ClientResponseObserver<Q, R> {
        private @Nullable BatchStream<Q> out;
        private @Nullable ClientCallStreamObserver<Q> call;
        private volatile boolean connected;

        BatchStream<Q> out() {
            if (out == null) {
                throw new IllegalStateException("stream: not started (expected: started)");
            }
            return out;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<Q> requests) {
            call = requests;
            out = new BatchStream<>(turn, requests, protocol.batch());
            requests.disableAutoRequestWithInitial(1);
            requests.setOnReadyHandler(this::ready);
        }

        void cancel(String why) {
            if (call != null) {
                call.cancel(why, null);
            }
        }

        private void ready() {
            if (!connected && current == this) {
                connected = true;
                missed = false;
                log.info("{}: connected", name());
                protocol.connected();
            }
        }

        @Override
        public void onNext(R message) {
            backoff.reset();
            protocol.received(message);
            if (call != null) {
                call.request(1);
            }
        }

        @Override
        public void onError(Throwable error) {
            broke(this, Status.fromThrowable(error));
        }

        @Override
        public void onCompleted() {
            broke(this, Status.UNAVAILABLE.withDescription("the peer ended the stream"));
        }
    }
}
