// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.processes.ServiceProcesses;
import io.faultline.rpc.Channels;
import io.faultline.rpc.ServiceLoop;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** When a service's process is ready, and how it ends, as whoever starts and stops it sees it. */
@Timeout(120)
class LifeOfAProcessIT {
    private static final String LOOPBACK = "127.0.0.1:";
    private static final String NO_AUDIT = "--faultline.audit.enabled=false";
    /** What a process ends with that SIGTERM has told to end: 128 and the signal's number. */
    private static final int ENDED_BY_SIGTERM = 143;
    /** A container's, in docker-compose.yml. */
    private static final int GRACE_S = 20;

    @TempDir
    private Path directory;

    private final ServiceLoop loop = ServiceLoop.start("test");
    private ServiceProcesses processes;

    @BeforeEach
    void prepare() {
        processes = new ServiceProcesses(Path.of(".."), directory, List.of("-Xmx256m"));
    }

    @AfterEach
    void end() {
        processes.close();
        loop.close();
    }

    @Test
    void aVcpuServiceIsReadyOnceItHasReachedItsPeersAndStaysSoAndEndsInOrderHoweverOftenItIsTold() throws Exception {
        int pager = ServiceProcesses.freePort();
        int notifier = ServiceProcesses.freePort();
        int vcpu = ServiceProcesses.freePort();
        int management = ServiceProcesses.freePort();
        Process service = processes.launch(
                "vcpu-service",
                "vcpu-service",
                vcpu,
                NO_AUDIT,
                "--faultline.management.port=" + management,
                "--faultline.vcpu.pager-target=" + LOOPBACK + pager,
                "--faultline.vcpu.notifier-target=" + LOOPBACK + notifier);

        await(() -> health(vcpu, "liveness") == ServingStatus.SERVING);
        assertThat(health(vcpu, "")).isEqualTo(ServingStatus.NOT_SERVING);
        assertThat(probe(management, "liveness")).isEqualTo(200);
        assertThat(probe(management, "readiness")).isEqualTo(503);
        Process peer = processes.service("notifier-service", notifier, NO_AUDIT);
        assertThat(health(vcpu, ""))
                .as("there is no pager yet: %s", log("vcpu-service"))
                .isEqualTo(ServingStatus.NOT_SERVING);
        processes.service(
                "pager-service",
                pager,
                "--faultline.pager.store=memory",
                "--faultline.pager.dram-max-bytes=8388608",
                "--faultline.pager.compressed-max-bytes=1048576");
        await(() -> health(vcpu, "") == ServingStatus.SERVING);
        assertThat(probe(management, "readiness")).isEqualTo(200);

        ServiceProcesses.end(peer);
        assertThat(peer.exitValue()).isEqualTo(ENDED_BY_SIGTERM);
        assertThat(health(vcpu, "")).as("a peer is away").isEqualTo(ServingStatus.SERVING);

        service.destroy();
        service.destroy();
        assertThat(service.waitFor(GRACE_S, TimeUnit.SECONDS)).isTrue();
        assertThat(service.exitValue()).isEqualTo(ENDED_BY_SIGTERM);
    }

    @Test
    void aServiceThatIsToldToEndWhileItWaitsForItsBrokerEndsAtOnce() throws Exception {
        try (ServerSocket silentBroker = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            silentBroker.setSoTimeout((int) TimeUnit.SECONDS.toMillis(GRACE_S));
            Process service = processes.launch(
                    "notifier-service",
                    "notifier-service",
                    ServiceProcesses.freePort(),
                    "--faultline.audit.bootstrap-servers=" + LOOPBACK + silentBroker.getLocalPort(),
                    "--faultline.audit.connect-timeout-ms=60000");
            try (Socket _ = silentBroker.accept()) {
                service.destroy();

                assertThat(service.waitFor(GRACE_S, TimeUnit.SECONDS))
                        .as(log("notifier-service"))
                        .isTrue();
                assertThat(service.exitValue()).isEqualTo(ENDED_BY_SIGTERM);
            }
        }
    }

    private String log(String name) {
        try {
            Path file = directory.resolve(name + ".log");
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** What a server says of itself; UNKNOWN when it does not answer. */
    private ServingStatus health(int port, String name) {
        ManagedChannel channel = Channels.connect(loop, LOOPBACK + port);
        try {
            return HealthGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(2, TimeUnit.SECONDS)
                    .check(HealthCheckRequest.newBuilder().setService(name).build())
                    .getStatus();
        } catch (StatusRuntimeException e) {
            return ServingStatus.UNKNOWN;
        } finally {
            channel.shutdownNow();
        }
    }

    private static int probe(int port, String name) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://" + LOOPBACK + port + "/actuator/health/" + name))
                .timeout(Duration.ofSeconds(5))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        }
    }

    private static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            // The test's timeout interrupts.
            assertThat(Thread.interrupted()).as("interrupted").isFalse();
        }
    }
}
