// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static io.faultline.proto.notifier.v1.NotifyKind.NOTIFY_KIND_ARM;
import static io.faultline.proto.notifier.v1.NotifyKind.NOTIFY_KIND_CREATE;
import static io.faultline.proto.notifier.v1.NotifyKind.NOTIFY_KIND_DESTROY;
import static io.faultline.proto.notifier.v1.NotifyKind.NOTIFY_KIND_PUBLISH;
import static io.faultline.proto.notifier.v1.VerdictKind.VERDICT_KIND_ARMED;
import static io.faultline.proto.notifier.v1.VerdictKind.VERDICT_KIND_CREATED;
import static io.faultline.proto.notifier.v1.VerdictKind.VERDICT_KIND_DESTROYED;
import static io.faultline.proto.notifier.v1.VerdictKind.VERDICT_KIND_GUEST_ATTACHED;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.broker.BrokerMain;
import io.faultline.processes.ServiceProcesses;
import io.faultline.proto.notifier.v1.GuestBatch;
import io.faultline.proto.notifier.v1.GuestCall;
import io.faultline.proto.notifier.v1.GuestCallKind;
import io.faultline.proto.notifier.v1.GuestServiceGrpc;
import io.faultline.proto.notifier.v1.NotificationServiceGrpc;
import io.faultline.proto.notifier.v1.NotifyBatch;
import io.faultline.proto.notifier.v1.NotifyKind;
import io.faultline.proto.notifier.v1.Refusal;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every bound of a notifier-service with little memory, filled over gRPC by vcpu-services and guests that do nothing forbidden,
 * above a broker that stops and goes on: what is refused, that another vcpu-service goes on, and that all is as before afterwards.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // Set before all tests.
class NotifierCapsIT {
    private static final int VCPUS = 64;
    private static final int GUESTS = 16;
    private static final int RING_STEPS = 1024;
    private static final long BYSTANDER = 1;

    private ServiceProcesses processes;
    private Process broker;
    private CappedService notifier;
    private OwnerTalk bystander;
    private int bystanderTurns;

    @BeforeAll
    void start(@TempDir Path directory) {
        processes = new ServiceProcesses(Path.of(".."), directory, List.of("-Xmx256m"));
        int brokerPort = ServiceProcesses.freePort();
        broker = processes.main(
                "broker", BrokerMain.class, BrokerMain.arguments(brokerPort, directory.resolve("kafka")));
        notifier = new CappedService(
                directory,
                "notifier-service",
                "--faultline.audit.bootstrap-servers=127.0.0.1:" + brokerPort,
                "--faultline.audit.connect-timeout-ms=60000",
                "--faultline.audit.ring-steps=" + RING_STEPS,
                "--faultline.audit.batch-bytes=16384",
                "--faultline.audit.buffer-bytes=32768",
                "--faultline.notifier.vcpus-max=" + VCPUS,
                "--faultline.notifier.guest-streams-max=" + GUESTS);
        bystander = new OwnerTalk(notifier.connect(), BYSTANDER);
    }

    @AfterAll
    void end() {
        notifier.close();
        processes.close();
    }

    @AfterEach
    void allIsAsBefore() {
        notifier.disconnectAllButTheFirst();
        notifier.awaitValue("faultline_rpc_streams{stream=\"notify\"}", 1);
        notifier.awaitValue("faultline_rpc_streams{stream=\"attach\"}", 0);
        notifier.awaitValue("faultline_audit_ring_depth", 0);
        bystanderGoesOn();
        notifier.requireUnharmed();
    }

    /** A vCPU comes and goes. */
    private void bystanderGoesOn() {
        bystanderTurns++;
        bystander.say(NOTIFY_KIND_CREATE, 1, 2L * bystanderTurns);
        bystander.say(NOTIFY_KIND_DESTROY, 1, 2L * bystanderTurns);
        WireHost.await(() -> bystander.verdicts(VERDICT_KIND_CREATED) == bystanderTurns
                && bystander.verdicts(VERDICT_KIND_DESTROYED) == bystanderTurns);
    }

    @Test
    void vcpusBeyondTheBoundAreRefused() {
        OwnerTalk greedy = new OwnerTalk(notifier.connect(), 2);

        greedy.say(NOTIFY_KIND_CREATE, VCPUS + 10, 1);

        WireHost.await(() -> greedy.refusals(Refusal.REFUSAL_LIMIT) == 10);
        notifier.awaitValue("faultline_notifier_vcpus", VCPUS);
        assertThat(notifier.value("faultline_notifier_refusals_total{reason=\"limit\"}"))
                .isGreaterThanOrEqualTo(10);
        greedy.say(NOTIFY_KIND_DESTROY, VCPUS, 1);
        WireHost.await(() -> greedy.verdicts(VERDICT_KIND_DESTROYED) == VCPUS);
        bystanderGoesOn();
        greedy.end();
    }

    @Test
    void aGuestThatNeverReadsIsNotReadEitherAndIsNotTold() {
        OwnerTalk owner = new OwnerTalk(notifier.connect(), 3);
        owner.say(NOTIFY_KIND_CREATE, 1, 1);
        WireHost.await(() -> owner.verdicts(VERDICT_KIND_CREATED) == 1);
        List<UnreadCall<GuestBatch>> guests = new ArrayList<>();
        for (int i = 0; i < GUESTS; i++) {
            guests.add(UnreadCall.open(notifier.connect(), GuestServiceGrpc.getAttachMethod()));
        }
        notifier.awaitValue("faultline_rpc_streams{stream=\"attach\"}", GUESTS);
        UnreadCall<GuestBatch> refused = UnreadCall.open(notifier.connect(), GuestServiceGrpc.getAttachMethod());
        WireHost.await(refused::hasEnded);
        assertThat(refused.status().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(refused.status().getDescription()).isEqualTo("streams: 16 (expected: < 16)");

        guests.getFirst()
                .push(
                        GuestBatch.newBuilder()
                                .addCalls(call(GuestCallKind.GUEST_CALL_KIND_ATTACH))
                                .build(),
                        1);
        WireHost.await(() -> owner.verdicts(VERDICT_KIND_GUEST_ATTACHED) == 1);
        GuestBatch.Builder acknowledgements = GuestBatch.newBuilder();
        for (int i = 0; i < 1024; i++) {
            acknowledgements.addCalls(
                    call(GuestCallKind.GUEST_CALL_KIND_ACKNOWLEDGE).setCallId(i));
        }
        int pushed = guests.getFirst().push(acknowledgements.build(), 20_000);
        assertThat(pushed).isLessThan(20_000);
        owner.say(NOTIFY_KIND_ARM, 1, 2);
        WireHost.await(() -> owner.verdicts(VERDICT_KIND_ARMED) == 1);
        owner.say(NOTIFY_KIND_PUBLISH, 1, 2);

        WireHost.await(() -> owner.refusals(Refusal.REFUSAL_NO_GUEST) == 1);
        bystanderGoesOn();
        guests.forEach(UnreadCall::cancel);
        owner.say(NOTIFY_KIND_DESTROY, 1, 2);
        owner.end();
    }

    @Test
    void aVcpuServiceThatNeverReadsVerdictsIsNotReadEither() {
        NotifyBatch.Builder batch = NotifyBatch.newBuilder();
        for (int i = 0; i < 1024; i++) {
            batch.addCommands(OwnerTalk.command(NotifyKind.NOTIFY_KIND_WAKE_ALL, 4, i, 1));
        }
        List<UnreadCall<NotifyBatch>> calls = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            ManagedChannel channel = notifier.connect();
            UnreadCall<NotifyBatch> call = UnreadCall.open(channel, NotificationServiceGrpc.getNotifyMethod());
            calls.add(call);
            int pushed = call.push(batch.build(), 20_000);
            assertThat(pushed).isLessThan(20_000);
        }
        bystanderGoesOn();
        calls.forEach(UnreadCall::cancel);
    }

    @Test
    void stepsBeyondTheRingAreCountedWhileTheBrokerStandsStill() throws IOException, InterruptedException {
        OwnerTalk owner = new OwnerTalk(notifier.connect(), 5);
        signal("STOP");
        int rounds = 0;
        do {
            rounds++;
            owner.say(NOTIFY_KIND_CREATE, VCPUS / 2, 2L * rounds);
            owner.say(NOTIFY_KIND_DESTROY, VCPUS / 2, 2L * rounds);
            int so = rounds * VCPUS / 2;
            WireHost.await(() -> owner.verdicts(VERDICT_KIND_DESTROYED) == so);
        } while (rounds % 50 != 0 || notifier.value("faultline_audit_dropped_total") == 0);

        Scrape full = notifier.scrape();
        assertThat(full.value("faultline_audit_ring_limit")).isEqualTo(RING_STEPS);
        assertThat(full.value("faultline_audit_ring_depth")).isBetween(RING_STEPS / 2.0, (double) RING_STEPS);
        bystanderGoesOn();
        signal("CONT");
        notifier.awaitValue("faultline_audit_lag_steps", 0);
        owner.end();
    }

    private void signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(broker.pid())).start();
        assertThat(kill.waitFor()).isZero();
    }

    private static GuestCall.Builder call(GuestCallKind kind) {
        return GuestCall.newBuilder().setKind(kind).setVmId(3);
    }
}
