// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.protocol.RedisCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One Redis server as the store uses it: a connection that is made again when it breaks, a bound on what is under way,
 * and a memory of silence. Whatever cannot be sent at once is refused at once; nothing queues for a connection, and
 * nothing is sent twice. Any thread; never blocks.
 */
final class RedisNode {
    /*
     * A node may stop answering without its connection breaking (a stopped process, a lost route). Once a group's time
     * is up and nothing was heard since, the node counts as silent: one group in each timeout may still ask, everything
     * else is refused at once, so that pages of other nodes do not wait behind it. After three timeouts of silence the
     * connection is given up, which ends what is under way on it.
     */
    private static final int SILENT_TIMEOUTS_MAX = 3;
    private static final long BACKOFF_MIN_NS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long BACKOFF_MAX_NS = TimeUnit.SECONDS.toNanos(2);

    private final RedisClient client;
    private final RedisURI uri;
    private final long timeoutNs;
    private final int inFlightMaxBytes;
    private final AtomicInteger inFlightBytes = new AtomicInteger();

    private volatile @Nullable StatefulRedisConnection<byte[], byte[]> connection;
    private volatile String lastFailure = "not connected yet";
    private volatile boolean isSilent;
    private volatile boolean isClosed;
    private @Nullable CompletableFuture<Void> attempt;
    private long backoffNs = BACKOFF_MIN_NS;
    private long nextAttemptNs = System.nanoTime();
    private long silentSinceNs;
    private long nextProbeNs;

    RedisNode(RedisClient client, RedisURI uri, int timeoutMs, int inFlightMaxBytes) {
        this.client = client;
        this.uri = uri;
        timeoutNs = TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        this.inFlightMaxBytes = inFlightMaxBytes;
    }

    /** Where the node listens, {@code host:port}. */
    String address() {
        return uri.getHost() + ":" + uri.getPort();
    }

    String host() {
        return uri.getHost();
    }

    /** Why the node cannot be asked at this moment; null if it can. */
    @Nullable
    String outage() {
        if (isSilent) {
            return address() + " does not answer";
        }
        return openConnection() == null ? address() + ": " + lastFailure : null;
    }

    /** The connection, if it stands. */
    @Nullable
    StatefulRedisConnection<byte[], byte[]> openConnection() {
        StatefulRedisConnection<byte[], byte[]> current = connection;
        return current != null && current.isOpen() ? current : null;
    }

    /**
     * Makes the connection if there is none and the last attempt is long enough ago.
     *
     * @return the attempt that is under way, ended when there is none; never fails
     */
    synchronized CompletableFuture<Void> connect() {
        if (attempt != null) {
            return attempt;
        }
        if (isClosed || openConnection() != null || System.nanoTime() - nextAttemptNs < 0) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> begun = new CompletableFuture<>();
        attempt = begun;
        CompletionStage<StatefulRedisConnection<byte[], byte[]>> connecting = client.connectAsync(
                        ByteArrayCodec.INSTANCE, uri)
                .thenCompose(made -> RedisMemory.require(made, timeoutNs));
        CompletionStage<?> _ = connecting.whenComplete((made, failure) -> {
            attempted(made, failure);
            begun.complete(null);
        });
        return begun;
    }

    /** As {@link #connect}, for whoever does not care how it goes. */
    void reconnect() {
        CompletableFuture<Void> _ = connect();
    }

    private synchronized void attempted(
            @Nullable StatefulRedisConnection<byte[], byte[]> made, @Nullable Throwable failure) {
        attempt = null;
        if (made == null) {
            lastFailure = RedisFailures.sentence(failure);
            nextAttemptNs = System.nanoTime() + backoffNs;
            backoffNs = Math.min(2 * backoffNs, BACKOFF_MAX_NS);
        } else if (isClosed) {
            end(made);
        } else {
            connection = made;
            lastFailure = "the connection broke";
            backoffNs = BACKOFF_MIN_NS;
            nextAttemptNs = System.nanoTime();
            isSilent = false;
        }
    }

    /** Sends calls together; each ends through {@code answers}, perhaps before this returns. */
    void send(List<? extends RedisCall> calls, boolean asking, Answers answers) {
        StatefulRedisConnection<byte[], byte[]> current = openConnection();
        String refusal = null;
        if (current == null) {
            reconnect();
            refusal = lastFailure;
        } else if (isSilent && !mayProbe()) {
            refusal = "does not answer";
        }
        List<RedisCommand<byte[], byte[], ?>> commands = new ArrayList<>(calls.size());
        for (RedisCall call : calls) {
            if (refusal != null || !claim(call.bytes())) {
                answers.refused(this, call, refusal == null ? "as much is under way as may be" : refusal);
                continue;
            }
            if (asking) {
                commands.add(new AsyncCommand<>(asking()));
            }
            AsyncCommand<byte[], byte[], ?> command = new AsyncCommand<>(call.command());
            CompletableFuture<?> _ = command.whenComplete((_, failure) -> ended(call, failure, answers));
            commands.add(command);
        }
        if (current != null && !commands.isEmpty()) {
            current.dispatch(commands);
        }
    }

    private void ended(RedisCall call, @Nullable Throwable failure, Answers answers) {
        inFlightBytes.addAndGet(-call.bytes());
        if (isSilent && (failure == null || failure instanceof RedisCommandExecutionException)) {
            isSilent = false;
        }
        answers.answered(this, call, failure);
    }

    private boolean claim(int bytes) {
        if (inFlightBytes.addAndGet(bytes) <= inFlightMaxBytes) {
            return true;
        }
        inFlightBytes.addAndGet(-bytes);
        return false;
    }

    /** A group's time is up. */
    synchronized void unanswered() {
        long nowNs = System.nanoTime();
        if (!isSilent) {
            isSilent = true;
            silentSinceNs = nowNs;
            nextProbeNs = nowNs + timeoutNs;
        }
        StatefulRedisConnection<byte[], byte[]> current = connection;
        if (current != null && nowNs - silentSinceNs >= SILENT_TIMEOUTS_MAX * timeoutNs) {
            lastFailure = "does not answer";
            connection = null;
            end(current);
        }
    }

    private synchronized boolean mayProbe() {
        long nowNs = System.nanoTime();
        if (nowNs - nextProbeNs < 0) {
            return false;
        }
        nextProbeNs = nowNs + timeoutNs;
        return true;
    }

    /** Looks whether the server still keeps what it is given, and gives it up if it does not. */
    void review() {
        StatefulRedisConnection<byte[], byte[]> current = openConnection();
        if (current != null) {
            CompletionStage<Void> _ = current.async().info("memory").thenAccept(info -> {
                String objection = RedisMemory.evicts(info);
                if (objection != null) {
                    refuse(objection);
                }
            });
        }
    }

    private synchronized void refuse(String why) {
        StatefulRedisConnection<byte[], byte[]> current = connection;
        lastFailure = why;
        connection = null;
        nextAttemptNs = System.nanoTime() + BACKOFF_MAX_NS;
        if (current != null) {
            end(current);
        }
    }

    /** Closes the connection for good; ends when it is closed, and no attempt to make one is under way. */
    synchronized CompletableFuture<Void> close() {
        isClosed = true;
        StatefulRedisConnection<byte[], byte[]> current = connection;
        CompletableFuture<Void> closed =
                current == null ? CompletableFuture.completedFuture(null) : current.closeAsync();
        return attempt == null ? closed : CompletableFuture.allOf(closed, attempt);
    }

    /* Commands under way end with the connection; nobody waits for it to be closed. */
    private static void end(StatefulRedisConnection<byte[], byte[]> connection) {
        CompletableFuture<Void> _ = connection.closeAsync();
    }

    private static RedisCommand<byte[], byte[], String> asking() {
        return new Command<>(
                CommandType.ASKING,
                new StatusOutput<>(ByteArrayCodec.INSTANCE),
                new CommandArgs<>(ByteArrayCodec.INSTANCE));
    }

    /** Learns what became of calls. */
    interface Answers {
        /** The node has answered, or nothing can be known any more: the failure says what. */
        void answered(RedisNode node, RedisCall call, @Nullable Throwable failure);

        /** The call was not sent. */
        void refused(RedisNode node, RedisCall call, String why);
    }
}
