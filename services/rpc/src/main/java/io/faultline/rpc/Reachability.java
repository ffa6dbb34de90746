// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Whether a service can be talked to, found out before a VM is made to depend on it. */
public final class Reachability {
    private static final long TIMEOUT_S = 5;
    private static final long PAUSE_NS = 20_000_000;

    private Reachability() {}

    /**
     * Asks a service for its health and waits for the answer; one that has only just started and does not serve yet is asked
     * again for some seconds. OK when it serves, or answers without health service.
     */
    public static Status of(Channel channel) {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_S);
        Status status = ask(channel);
        while (status == null && System.nanoTime() - deadlineNs < 0) {
            LockSupport.parkNanos(PAUSE_NS);
            status = ask(channel);
        }
        return status == null ? Status.UNAVAILABLE.withDescription("it is NOT_SERVING") : status;
    }

    /** Null when it answers that it does not serve. */
    private static @Nullable Status ask(Channel channel) {
        try {
            HealthCheckResponse.ServingStatus status = HealthGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(TIMEOUT_S, TimeUnit.SECONDS)
                    .check(HealthCheckRequest.getDefaultInstance())
                    .getStatus();
            return status == HealthCheckResponse.ServingStatus.SERVING ? Status.OK : null;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode() == Status.Code.UNIMPLEMENTED ? Status.OK : e.getStatus();
        }
    }
}
