// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import io.faultline.telemetry.Probes;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc.HealthImplBase;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Probes of a gRPC service: ready while its server runs and its health service says SERVING, live while its loop turns. Any
 * thread may ask.
 */
final class GrpcProbes implements Probes {
    private final LoopWatch watch;
    private final BooleanSupplier isListening;
    private final @Nullable HealthStatusManager health;

    /** Probes that ask these, each time anew; without a health service, a server that runs is ready. */
    GrpcProbes(LoopWatch watch, BooleanSupplier isListening, @Nullable HealthStatusManager health) {
        this.watch = watch;
        this.isListening = isListening;
        this.health = health;
    }

    @Override
    public boolean isLive() {
        return watch.isTurning();
    }

    @Override
    public boolean isReady() {
        return isListening.getAsBoolean() && isServing();
    }

    /* The health service itself is asked, as a client would: so there is nothing that could say otherwise. */
    private boolean isServing() {
        if (health == null) {
            return true;
        }
        if (!(health.getHealthService() instanceof HealthImplBase service)) {
            throw new IllegalStateException(
                    "health service: " + health.getHealthService() + " (expected: grpc.health.v1.Health)");
        }
        Answer answer = new Answer();
        service.check(HealthCheckRequest.getDefaultInstance(), answer);
        return answer.status == ServingStatus.SERVING;
    }

    /** What the health service says at once. */
    private static final class Answer implements StreamObserver<HealthCheckResponse> {
        private @Nullable ServingStatus status;

        @Override
        public void onNext(HealthCheckResponse response) {
            status = response.getStatus();
        }

        @Override
        public void onError(Throwable error) {
            status = null;
        }

        @Override
        public void onCompleted() {}
    }
}
