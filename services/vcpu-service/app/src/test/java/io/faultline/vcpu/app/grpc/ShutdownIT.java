// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import static io.faultline.vcpu.app.grpc.Cluster.BASE_GFN;
import static io.faultline.vcpu.app.grpc.FaultClient.read;
import static io.faultline.vcpu.app.grpc.FaultClient.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.proto.vcpu.v1.FailReason;
import io.faultline.proto.vcpu.v1.Outcome;
import io.faultline.proto.vcpu.v1.OutcomeKind;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The service's end: in order, in bounded time, with an outcome for every fault. */
class ShutdownIT {
    private static final long VM = 1;

    @SuppressWarnings("NullAway.Init") // Each test calls start first.
    private Cluster cluster;

    @SuppressWarnings("NullAway.Init") // Each test calls start first.
    private FaultClient client;

    /** A service with one fault in flight, whose page the pager keeps back. */
    private void start(int drainMs) throws InterruptedException {
        cluster = new Cluster("--faultline.vcpu.drain-ms=" + drainMs);
        cluster.register(VM);
        client = cluster.faults();
        for (int page = 0; page < 128; page++) {
            client.outcomeOf(write(VM, page, BASE_GFN + page, "stamp"));
        }
        cluster.pager.hold();
        int before = cluster.pager.fetches();
        client.raise(read(VM, 1, BASE_GFN));
        Cluster.await(() -> cluster.pager.fetches() > before);
    }

    @AfterEach
    void stop() throws InterruptedException {
        cluster.close();
    }

    @Test
    void aFaultThatCannotEndInTimeFailsAndItsStreamEndsWell() throws Exception {
        start(300);
        Thread closing = Thread.ofVirtual().start(cluster.service()::close);

        Outcome outcome = client.next();
        assertThat(outcome.getKind()).isEqualTo(OutcomeKind.OUTCOME_KIND_FAILED);
        assertThat(outcome.getFailReason()).isEqualTo(FailReason.FAIL_REASON_VM_GONE);
        assertThat(client.end()).isEqualTo(Status.OK);
        cluster.pager.release();
        closing.join();
        assertThat(cluster.pager.drops()).containsExactly(VM);
    }

    @Test
    void aFaultInFlightMayStillEndAndNewOnesMayNot() throws Exception {
        start(10_000);
        BlockingQueue<ServingStatus> health = watchHealth();
        assertThat(health.poll(10, TimeUnit.SECONDS)).isEqualTo(ServingStatus.SERVING);

        Thread closing = Thread.ofVirtual().start(cluster.service()::close);
        assertThat(health.poll(10, TimeUnit.SECONDS)).isEqualTo(ServingStatus.NOT_SERVING);
        Outcome refused = client.outcomeOf(read(VM, 2, BASE_GFN + 1));
        cluster.pager.release();
        Outcome ended = client.next();

        assertThat(refused.getSequence()).isEqualTo(2);
        assertThat(refused.getFailReason()).isEqualTo(FailReason.FAIL_REASON_VM_GONE);
        assertThat(ended.getSequence()).isEqualTo(1);
        assertThat(ended.getKind()).isEqualTo(OutcomeKind.OUTCOME_KIND_MAPPED);
        assertThat(client.end()).isEqualTo(Status.OK);
        closing.join();
    }

    private BlockingQueue<ServingStatus> watchHealth() {
        BlockingQueue<ServingStatus> seen = new LinkedBlockingQueue<>();
        HealthGrpc.newStub(cluster.channel()).watch(HealthCheckRequest.getDefaultInstance(), new StreamObserver<>() {
            @Override
            public void onNext(HealthCheckResponse response) {
                seen.add(response.getStatus());
            }

            @Override
            public void onError(Throwable error) {
                seen.add(ServingStatus.UNRECOGNIZED);
            }

            @Override
            public void onCompleted() {}
        });
        return seen;
    }
}
