// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import io.faultline.loadtest.grpc.FaultOutcome;
import io.faultline.loadtest.grpc.FaultStream;
import io.faultline.rpc.Statuses;
import io.faultline.rpc.Turn;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * A session's fault stream. When it breaks it is opened again as soon as vcpu-service answers, for as long as the settings
 * allow, if the VM still lives there. Loop thread only.
 */
final class FaultLine implements FaultStream.Listener {
    private static final long RETRY_NS = 100_000_000L;

    /** Who hears of it. */
    interface Listener {
        /** A fault's outcome. */
        void outcome(FaultOutcome outcome);

        /** No more outcomes in this message. */
        void endOfBatch();

        /** It broke: what was raised and has no outcome gets none, and nothing may be raised. */
        void faultLineLost(Status status);

        /** It is open again. */
        void faultLineBack();

        /** It broke, and will not be open again. */
        void faultLineEnded(ReplayException.Kind kind, String message, Status status);
    }

    private final ReplaySettings settings;
    private final Session.Connections connections;
    private final Turn turn;
    private final Listener listener;
    private @Nullable FaultStream stream;
    private long lostNs;
    private boolean isClosed;

    /** Opens the stream. */
    FaultLine(ReplaySettings settings, Session.Connections connections, Turn turn, Listener listener) {
        this.settings = settings;
        this.connections = connections;
        this.turn = turn;
        this.listener = listener;
        stream = open();
    }

    /** Whether faults can be raised. */
    boolean isOpen() {
        return stream != null;
    }

    /** As {@link FaultStream#raise}; only while it is open. */
    void raise(FaultStream.FaultRequest request, int loadBytes, byte[] store) {
        if (stream == null) {
            throw new IllegalStateException("fault stream: broken (expected: open)");
        }
        stream.raise(request, loadBytes, store);
    }

    /** Ends it in good order. */
    void complete() {
        isClosed = true;
        if (stream != null) {
            stream.complete();
        }
    }

    @Override
    public void outcome(FaultOutcome outcome) {
        listener.outcome(outcome);
    }

    @Override
    public void endOfBatch() {
        listener.endOfBatch();
    }

    @Override
    public void faultStreamEnded(Status status) {
        if (isClosed) {
            return;
        }
        if (settings.reconnectMax().isZero()) {
            giveUp(ReplayException.Kind.NO_CONNECTION, "ended", status);
            return;
        }
        stream = null;
        lostNs = connections.loop().nowNs();
        listener.faultLineLost(status);
        tryAgain();
    }

    private FaultStream open() {
        return new FaultStream(
                connections.loop(), turn, connections.faults(), settings.vm().id(), this);
    }

    private void tryAgain() {
        if (isClosed) {
            return;
        }
        connections.faults().resetConnectBackoff();
        connections.vm().find(this::found, this::notFound);
    }

    private void found() {
        if (!isClosed) {
            stream = open();
            listener.faultLineBack();
        }
    }

    private void notFound(Status status) {
        if (isClosed) {
            return;
        }
        if (status.getCode() == Status.Code.NOT_FOUND) {
            giveUp(ReplayException.Kind.VM_LOST, "ended, and the VM is gone", status);
        } else if (connections.loop().nowNs() - lostNs > settings.reconnectMax().toNanos()) {
            giveUp(
                    ReplayException.Kind.NO_CONNECTION,
                    "ended, and was not open again within "
                            + settings.reconnectMax().toSeconds() + " s",
                    status);
        } else {
            connections.loop().executeAfter(this::tryAgain, RETRY_NS);
        }
    }

    private void giveUp(ReplayException.Kind kind, String what, Status status) {
        isClosed = true;
        listener.faultLineEnded(
                kind,
                "the fault stream to " + settings.services().vcpuAddress() + " " + what + ": "
                        + Statuses.describe(status),
                status);
    }
}
