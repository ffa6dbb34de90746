// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import static io.faultline.vcpu.app.grpc.Cluster.BASE_GFN;
import static io.faultline.vcpu.app.grpc.Cluster.PAGE;
import static io.faultline.vcpu.app.grpc.Cluster.spec;
import static io.faultline.vcpu.app.grpc.FaultClient.read;
import static io.faultline.vcpu.app.grpc.FaultClient.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.proto.notifier.v1.NotifyCommand;
import io.faultline.proto.notifier.v1.NotifyKind;
import io.faultline.proto.vcpu.v1.AsyncPfHypercall;
import io.faultline.proto.vcpu.v1.ConfigureAsyncPfRequest;
import io.faultline.proto.vcpu.v1.FailReason;
import io.faultline.proto.vcpu.v1.Outcome;
import io.faultline.proto.vcpu.v1.OutcomeKind;
import io.faultline.proto.vcpu.v1.RegisterVmRequest;
import io.faultline.proto.vcpu.v1.Resolution;
import io.faultline.proto.vcpu.v1.SyncReason;
import io.faultline.proto.vcpu.v1.UnregisterVmRequest;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Peers that go away, come back, or say nothing: no fault is lost, and none waits for ever. */
class PeerLossIT {
    private static final long VM = 1;

    private Cluster cluster;

    @BeforeEach
    void start() {
        cluster = new Cluster(
                "--faultline.vcpu.pager-timeout-ms=200",
                "--faultline.vcpu.notifier-timeout-ms=200",
                "--faultline.vcpu.peer-wait-ms=300",
                "--faultline.vcpu.reconnect-min-ms=10",
                "--faultline.vcpu.reconnect-max-ms=50");
    }

    @AfterEach
    void stop() throws InterruptedException {
        cluster.close();
    }

    @Test
    void aFetchUnderWayIsRepeatedOnceThePagerIsBack() throws Exception {
        FaultClient client = registerAndFill(VM);
        cluster.pager.hold();
        int before = cluster.pager.fetches();
        client.raise(read(VM, 1, BASE_GFN));
        Cluster.await(() -> cluster.pager.fetches() > before);

        cluster.pagerPeer.goAway();
        cluster.pager.forgetHeld();
        cluster.pagerPeer.comeBack();

        assertThat(client.next().getLoaded().toStringUtf8()).isEqualTo("page0000");
    }

    @Test
    void writeOutsGoOnOnceThePagerIsBack() throws Exception {
        FaultClient client = registerAndFill(VM);
        cluster.pagerPeer.goAway();
        for (int page = 200; page < 400; page++) {
            client.raise(write(VM, page, BASE_GFN + page, "page%04d".formatted(page)));
        }
        cluster.pagerPeer.comeBack();

        for (int page = 200; page < 400; page++) {
            assertThat(client.next().getSequence()).isEqualTo(page);
        }
        for (int page = 200; page < 400; page++) {
            assertThat(client.outcomeOf(read(VM, page, BASE_GFN + page))
                            .getLoaded()
                            .toStringUtf8())
                    .isEqualTo("page%04d".formatted(page));
        }
    }

    @Test
    void aPagerThatStaysAwayFailsTheFaultAtItsDeadlineAndNotThePage() throws Exception {
        FaultClient client = registerAndFill(VM);
        cluster.pagerPeer.goAway();

        Outcome failed = client.outcomeOf(read(VM, 1, BASE_GFN));
        cluster.pagerPeer.comeBack();
        Outcome later = client.outcomeOf(read(VM, 2, BASE_GFN));

        assertThat(failed.getFailReason()).isEqualTo(FailReason.FAIL_REASON_PAGE_UNAVAILABLE);
        assertThat(later.getKind()).isIn(OutcomeKind.OUTCOME_KIND_MAPPED, OutcomeKind.OUTCOME_KIND_FAILED);
        Cluster.await(() -> mapsNow(client, 3));
    }

    @Test
    void aRequestThatThePagerNeverAnswersIsRepeated() throws Exception {
        FaultClient client = registerAndFill(VM);
        cluster.pager.hold();
        int before = cluster.pager.fetches();
        client.raise(read(VM, 1, BASE_GFN));

        Cluster.await(() -> cluster.pager.fetches() >= before + 2);
        cluster.pager.release();

        assertThat(client.next().getLoaded().toStringUtf8()).isEqualTo("page0000");
        assertThat(client.outcomeOf(read(VM, 2, BASE_GFN + 1)).getLoaded().toStringUtf8())
                .isEqualTo("page0001");
    }

    @Test
    void aVmThatEndedWhileThePagerWasAwayIsDroppedAfterwards() throws Exception {
        registerAndFill(VM);
        cluster.pagerPeer.goAway();

        unregister(VM);
        assertThat(cluster.pager.drops()).isEmpty();
        cluster.pagerPeer.comeBack();

        Cluster.await(() -> cluster.pager.drops().equals(List.of(VM)));
        assertThat(cluster.pager.pages(VM)).isZero();
    }

    @Test
    void aVmThatBeginsAnewIsNotDroppedForTheOneBeforeIt() throws Exception {
        registerAndFill(VM);
        cluster.pagerPeer.goAway();
        unregister(VM);
        cluster.register(VM);
        cluster.pagerPeer.comeBack();

        FaultClient client = fill(VM);

        assertThat(client.outcomeOf(read(VM, 1, BASE_GFN)).getLoaded().toStringUtf8())
                .isEqualTo("page0000");
        assertThat(cluster.pager.drops()).isEmpty();
    }

    @Test
    void withoutANotifierAVmRunsSynchronouslyAndCannotEnable() throws Exception {
        cluster.notifierPeer.goAway();
        Cluster.await(() -> !cluster.service().getBean(GrpcNotifier.class).isConnected());

        FaultClient client = registerAndFill(VM);

        assertThat(enable(VM)).isEqualTo(-1);
        assertThat(client.outcomeOf(read(VM, 1, BASE_GFN)).getSyncReason()).isEqualTo(SyncReason.SYNC_REASON_DISABLED);
    }

    @Test
    void aTokenWhoseNotifierIsLostIsDroppedAndItsPageMapped() throws Exception {
        FaultClient client = registerAndFill(VM);
        assertThat(enable(VM)).isZero();
        cluster.pager.hold();
        assertThat(client.outcomeOf(read(VM, 1, BASE_GFN)).getKind()).isEqualTo(OutcomeKind.OUTCOME_KIND_ASYNC);

        cluster.notifierPeer.goAway();
        cluster.pager.release();
        Outcome outcome = client.next();

        assertThat(outcome.getKind()).isEqualTo(OutcomeKind.OUTCOME_KIND_RESOLVED);
        assertThat(outcome.getResolution()).isEqualTo(Resolution.RESOLUTION_DROPPED);
        assertThat(outcome.getLoaded().toStringUtf8()).isEqualTo("page0000");
    }

    @Test
    void aNotifierThatIsBackIsToldEverythingAgainInANewEpoch() throws Exception {
        FaultClient client = registerAndFill(VM);
        assertThat(enable(VM)).isZero();
        Cluster.await(() -> commands(NotifyKind.NOTIFY_KIND_WAKE_ALL) == 1);
        long epoch = last(NotifyKind.NOTIFY_KIND_ARM).getEpoch();

        cluster.notifierPeer.goAway();
        cluster.notifierPeer.comeBack();
        Cluster.await(() -> commands(NotifyKind.NOTIFY_KIND_WAKE_ALL) == 2);

        assertThat(commands(NotifyKind.NOTIFY_KIND_CREATE)).isEqualTo(4);
        assertThat(last(NotifyKind.NOTIFY_KIND_ARM).getEpoch()).isGreaterThan(epoch);
        cluster.pager.hold();
        assertThat(client.outcomeOf(read(VM, 1, BASE_GFN)).getKind()).isEqualTo(OutcomeKind.OUTCOME_KIND_ASYNC);
        cluster.pager.release();
        assertThat(client.next().getResolution()).isEqualTo(Resolution.RESOLUTION_READY);
    }

    @Test
    void aVcpuThatASilentNotifierHoldsRunsOnSynchronouslyOnceThePageIsThereAndTheTimeIsOver() throws Exception {
        FaultClient client = registerAndFill(VM);
        assertThat(enable(VM)).isZero();
        cluster.notifier.silent(true);

        Outcome outcome = client.outcomeOf(read(VM, 1, BASE_GFN));

        assertThat(commands(NotifyKind.NOTIFY_KIND_WITHDRAW)).isEqualTo(1);
        assertThat(outcome.getKind()).isEqualTo(OutcomeKind.OUTCOME_KIND_MAPPED);
        assertThat(outcome.getSyncReason()).isEqualTo(SyncReason.SYNC_REASON_NOTIFIER_UNAVAILABLE);
        assertThat(outcome.getLoaded().toStringUtf8()).isEqualTo("page0000");
    }

    @Test
    void aSilentNotifierDelaysARegistrationAndDoesNotStopIt() {
        cluster.notifier.silent(true);

        assertThat(cluster.register(VM).getSpec().getVmId()).isEqualTo(VM);
    }

    private boolean mapsNow(FaultClient client, long sequence) {
        try {
            return client.outcomeOf(read(VM, sequence, BASE_GFN)).getKind() == OutcomeKind.OUTCOME_KIND_MAPPED;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private FaultClient registerAndFill(long vm) throws InterruptedException {
        assertThat(cluster.vms()
                        .registerVm(RegisterVmRequest.newBuilder()
                                .setSpec(spec(vm).setFetchDeadlineMs(1_500))
                                .build())
                        .hasVm())
                .isTrue();
        return fill(vm);
    }

    private FaultClient fill(long vm) throws InterruptedException {
        FaultClient client = cluster.faults();
        for (int page = 0; page < 128; page++) {
            assertThat(client.outcomeOf(write(vm, page, BASE_GFN + page, "page%04d".formatted(page)))
                            .getKind())
                    .isEqualTo(OutcomeKind.OUTCOME_KIND_MAPPED);
        }
        return client;
    }

    private long enable(long vm) {
        return cluster.vms()
                .configureAsyncPf(ConfigureAsyncPfRequest.newBuilder()
                        .setVmId(vm)
                        .setHypercall(
                                AsyncPfHypercall.newBuilder().setFunction(4).setArgument2((int) (BASE_GFN * PAGE) | 1))
                        .build())
                .getResult();
    }

    private void unregister(long vm) {
        assertThat(cluster.vms()
                        .unregisterVm(
                                UnregisterVmRequest.newBuilder().setVmId(vm).build())
                        .hasCounters())
                .isTrue();
    }

    private int commands(NotifyKind kind) {
        return cluster.notifier.commands(VM, kind).size();
    }

    private NotifyCommand last(NotifyKind kind) {
        return cluster.notifier.commands(VM, kind).getLast();
    }
}
