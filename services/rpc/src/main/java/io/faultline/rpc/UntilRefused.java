// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Ends a call at its first refused message with that message's status; the handler behind sees a cancelled call, and nothing
 * after. Owned by the call's executor.
 *
 * @param <I> the call's messages
 */
public final class UntilRefused<I> extends SimpleForwardingServerCallListener<I> {
    private final ServerCall<?, ?> call;
    private final Function<I, @Nullable Status> refusal;
    private final Consumer<I> unwanted;
    private boolean isRefused;

    /**
     * Stands before a handler's listener.
     *
     * @param refusal what a message is refused with, or null
     * @param unwanted hears of each message after the refused one
     */
    public UntilRefused(
            ServerCall.Listener<I> handler,
            ServerCall<?, ?> call,
            Function<I, @Nullable Status> refusal,
            Consumer<I> unwanted) {
        super(handler);
        this.call = call;
        this.refusal = refusal;
        this.unwanted = unwanted;
    }

    @Override
    public void onMessage(I message) {
        if (isRefused) {
            unwanted.accept(message);
            return;
        }
        Status why = refusal.apply(message);
        if (why == null) {
            super.onMessage(message);
        } else {
            isRefused = true;
            call.close(why, new Metadata());
            super.onCancel();
        }
    }

    @Override
    public void onHalfClose() {
        if (!isRefused) {
            super.onHalfClose();
        }
    }

    @Override
    public void onReady() {
        if (!isRefused) {
            super.onReady();
        }
    }

    @Override
    public void onCancel() {
        if (!isRefused) {
            super.onCancel();
        }
    }

    @Override
    public void onComplete() {
        if (!isRefused) {
            super.onComplete();
        }
    }
}
