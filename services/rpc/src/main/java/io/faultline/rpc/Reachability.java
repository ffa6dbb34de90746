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

/** Whether a service can be talked to, found out before a VM is made to depend on it. */
public final class Reachability {
    private static final long TIMEOUT_S = 5;

    private Reachability() {}

    /** Asks a service for its health and waits for the answer. OK when it serves, or answers without health service. */
    public static Status of(Channel channel) {
        try {
            HealthCheckResponse.ServingStatus status = HealthGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(TIMEOUT_S, TimeUnit.SECONDS)
                    .check(HealthCheckRequest.getDefaultInstance())
                    .getStatus();
            return status == HealthCheckResponse.ServingStatus.SERVING
                    ? Status.OK
                    : Status.UNAVAILABLE.withDescription("it is " + status);
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode() == Status.Code.UNIMPLEMENTED ? Status.OK : e.getStatus();
        }
    }
}
