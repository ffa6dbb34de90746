// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import io.faultline.proto.notifier.v1.GuestBatch;
import io.faultline.proto.notifier.v1.GuestCall;
import io.faultline.proto.notifier.v1.GuestServiceGrpc;
import io.faultline.proto.notifier.v1.HostBatch;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import java.util.concurrent.locks.LockSupport;

/** A guest that sends what it is told to as fast as it is taken, and reads all that comes. For one thread. */
final class StormingGuest {
    private static final int AT_ONCE = 64;
    private static final long PAUSE_NS = 100_000;

    private final ClientCall<GuestBatch, HostBatch> call;
    private long pushed;

    /** A guest whose first call is this one. */
    StormingGuest(Channel channel, GuestCall first) {
        call = channel.newCall(GuestServiceGrpc.getAttachMethod(), CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onMessage(HostBatch events) {
                        call.request(1);
                    }
                },
                new Metadata());
        call.request(1);
        call.sendMessage(GuestBatch.newBuilder().addCalls(first).build());
    }

    /** Sends a batch again and again until no more is taken, or it was sent so often. */
    void push(GuestBatch batch) {
        for (int i = 0; i < AT_ONCE && call.isReady(); i++) {
            call.sendMessage(batch);
            pushed++;
        }
        if (!call.isReady()) {
            LockSupport.parkNanos(PAUSE_NS);
        }
    }

    /** How many batches it has sent. */
    long pushed() {
        return pushed;
    }

    void end() {
        call.cancel("the test is done with it", null);
    }
}
