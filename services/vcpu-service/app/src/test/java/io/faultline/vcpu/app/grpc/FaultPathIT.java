// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import static io.faultline.vcpu.app.grpc.Cluster.BASE_GFN;
import static io.faultline.vcpu.app.grpc.FaultClient.read;
import static io.faultline.vcpu.app.grpc.FaultClient.write;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.faultline.proto.notifier.v1.NotifyCommand;
import io.faultline.proto.notifier.v1.NotifyKind;
import io.faultline.proto.notifier.v1.Refusal;
import io.faultline.proto.notifier.v1.Verdict;
import io.faultline.proto.notifier.v1.VerdictKind;
import io.faultline.proto.pager.v1.PageReplyKind;
import io.faultline.proto.vcpu.v1.AsyncPfHypercall;
import io.faultline.proto.vcpu.v1.ConfigureAsyncPfRequest;
import io.faultline.proto.vcpu.v1.FailReason;
import io.faultline.proto.vcpu.v1.GetVmRequest;
import io.faultline.proto.vcpu.v1.Outcome;
import io.faultline.proto.vcpu.v1.OutcomeKind;
import io.faultline.proto.vcpu.v1.PageSource;
import io.faultline.proto.vcpu.v1.Resolution;
import io.faultline.proto.vcpu.v1.SyncReason;
import io.grpc.Status;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Faults through the real service, from the client's stream to the pager's and the notifier's and back. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FaultPathIT {
    private static final AtomicLong VM_IDS = new AtomicLong(1_000);
    private static final int ENABLED_AREA = (int) (BASE_GFN * Cluster.PAGE) | 1;

    private Cluster cluster;
    private long vm;

    @BeforeAll
    void start() {
        cluster = new Cluster();
    }

    @AfterAll
    void stop() throws InterruptedException {
        cluster.close();
    }

    @BeforeEach
    void registerAVm() {
        vm = VM_IDS.incrementAndGet();
        cluster.register(vm);
    }

    @Test
    void aPageNeverWrittenReadsAsZeros() throws Exception {
        Outcome outcome = cluster.faults().outcomeOf(read(vm, 7, BASE_GFN));

        assertThat(outcome.getSequence()).isEqualTo(7);
        assertThat(outcome.getKind()).isEqualTo(OutcomeKind.OUTCOME_KIND_MAPPED);
        assertThat(outcome.getSource()).isEqualTo(PageSource.PAGE_SOURCE_ZERO_FILL);
        assertThat(outcome.getLoaded()).isEqualTo(ByteString.copyFrom(new byte[8]));
    }

    @Test
    void aStampComesBackFromTheSwapStoreAfterReclaim() throws Exception {
        FaultClient client = cluster.faults();
        fillFrames(client, 256);

        for (int page = 0; page < 256; page++) {
            Outcome outcome = client.outcomeOf(read(vm, page, BASE_GFN + page));
            assertThat(outcome.getLoaded().toStringUtf8()).isEqualTo(stamp(page));
        }

        assertThat(cluster.pager.fetches()).isGreaterThan(100);
        assertThat(cluster.pager.corruptedOnTheWay()).isZero();
    }

    @Test
    void withoutEnablingAFetchIsSynchronous() throws Exception {
        FaultClient client = cluster.faults();
        fillFrames(client, 128);

        Outcome outcome = client.outcomeOf(read(vm, 1, BASE_GFN));

        assertThat(outcome.getKind()).isEqualTo(OutcomeKind.OUTCOME_KIND_MAPPED);
        assertThat(outcome.getSource()).isEqualTo(PageSource.PAGE_SOURCE_SWAP_STORE);
        assertThat(outcome.getSyncReason()).isEqualTo(SyncReason.SYNC_REASON_DISABLED);
    }

    @Test
    void anAsynchronousFaultGetsItsTokenThenItsPage() throws Exception {
        FaultClient client = cluster.faults();
        fillFrames(client, 128);
        enable();
        cluster.pager.hold();

        Outcome async = client.outcomeOf(read(vm, 1, BASE_GFN));
        cluster.pager.release();
        Outcome resolved = client.next();

        assertThat(async.getKind()).isEqualTo(OutcomeKind.OUTCOME_KIND_ASYNC);
        assertThat(async.getToken()).isNotZero();
        assertThat(resolved.getKind()).isEqualTo(OutcomeKind.OUTCOME_KIND_RESOLVED);
        assertThat(resolved.getSequence()).isEqualTo(1);
        assertThat(resolved.getToken()).isEqualTo(async.getToken());
        assertThat(resolved.getResolution()).isEqualTo(Resolution.RESOLUTION_READY);
        assertThat(resolved.getSource()).isEqualTo(PageSource.PAGE_SOURCE_SWAP_STORE);
        assertThat(resolved.getLoaded().toStringUtf8()).isEqualTo(stamp(0));
    }

    @Test
    void withoutTracingNothingOnTheWireBearsATrace() throws Exception {
        FaultClient client = cluster.faults();
        fillFrames(client, 128);
        enable();
        client.outcomeOf(read(vm, 1, BASE_GFN));
        client.next();

        assertThat(cluster.notifier.commands(vm, NotifyKind.NOTIFY_KIND_PUBLISH))
                .isNotEmpty()
                .noneMatch(NotifyCommand::hasTrace);
        assertThat(cluster.notifier.commands(vm, NotifyKind.NOTIFY_KIND_COMPLETE))
                .isNotEmpty()
                .noneMatch(NotifyCommand::hasTrace);
        assertThat(cluster.pager.fetches()).isPositive();
        assertThat(cluster.pager.tracedFetches()).isZero();
    }

    @Test
    void aRefusedPublicationIsSynchronousAndSaysWhy() throws Exception {
        FaultClient client = cluster.faults();
        fillFrames(client, 128);
        enable();
        cluster.notifier.refusePublications(Refusal.REFUSAL_PE_MASKED);

        Outcome outcome = client.outcomeOf(read(vm, 1, BASE_GFN));
        cluster.notifier.refusePublications(Refusal.REFUSAL_UNSPECIFIED);

        assertThat(outcome.getKind()).isEqualTo(OutcomeKind.OUTCOME_KIND_MAPPED);
        assertThat(outcome.getSyncReason()).isEqualTo(SyncReason.SYNC_REASON_PE_MASKED);
    }

    @Test
    void aGuestThatLeavesTurnsItsFaultsSynchronous() throws Exception {
        FaultClient client = cluster.faults();
        fillFrames(client, 128);
        enable();
        long epoch = cluster.notifier
                .commands(vm, NotifyKind.NOTIFY_KIND_ARM)
                .getLast()
                .getEpoch();
        cluster.pager.hold();
        Outcome async = client.outcomeOf(read(vm, 1, BASE_GFN));

        cluster.notifier.say(Verdict.newBuilder()
                .setKind(VerdictKind.VERDICT_KIND_GUEST_DETACHED)
                .setVmId(vm)
                .setEpoch(epoch)
                .build());
        cluster.pager.release();
        Outcome ended = client.next();

        assertThat(async.getKind()).isEqualTo(OutcomeKind.OUTCOME_KIND_ASYNC);
        assertThat(ended.getKind()).isEqualTo(OutcomeKind.OUTCOME_KIND_RESOLVED);
        assertThat(client.outcomeOf(read(vm, 2, BASE_GFN + 1)).getSyncReason())
                .isEqualTo(SyncReason.SYNC_REASON_DISABLED);
    }

    @Test
    void aPageThatChangedInTheStoreFailsAndIsNeverMapped() throws Exception {
        FaultClient client = cluster.faults();
        fillFrames(client, 128);
        cluster.pager.corrupt(vm);

        Outcome outcome = client.outcomeOf(read(vm, 1, BASE_GFN));

        assertThat(outcome.getKind()).isEqualTo(OutcomeKind.OUTCOME_KIND_FAILED);
        assertThat(outcome.getFailReason()).isEqualTo(FailReason.FAIL_REASON_PAGE_CORRUPT);
        assertThat(outcome.getDetail()).contains("ipa: 0x42000000").contains("checksum");
        assertThat(client.outcomeOf(read(vm, 2, BASE_GFN)).getFailReason())
                .isEqualTo(FailReason.FAIL_REASON_PAGE_CORRUPT);
    }

    @Test
    void aPageInNoTierFails() throws Exception {
        FaultClient client = cluster.faults();
        fillFrames(client, 128);
        cluster.pager.answerFetches(PageReplyKind.PAGE_REPLY_KIND_ABSENT);

        Outcome outcome = client.outcomeOf(read(vm, 1, BASE_GFN));
        cluster.pager.answerFetches(PageReplyKind.PAGE_REPLY_KIND_DATA);

        assertThat(outcome.getFailReason()).isEqualTo(FailReason.FAIL_REASON_PAGE_ABSENT);
    }

    @Test
    void unavailableTiersAreAskedAgainUntilTheyAnswer() throws Exception {
        FaultClient client = cluster.faults();
        fillFrames(client, 128);
        int before = cluster.pager.fetches();
        cluster.pager.answerFetches(PageReplyKind.PAGE_REPLY_KIND_UNAVAILABLE);
        client.raise(read(vm, 1, BASE_GFN));
        Cluster.await(() -> cluster.pager.fetches() >= before + 3);
        cluster.pager.answerFetches(PageReplyKind.PAGE_REPLY_KIND_DATA);

        assertThat(client.next().getLoaded().toStringUtf8()).isEqualTo(stamp(0));
    }

    @Test
    void aClientThatIsDoneGetsItsLastOutcomesAndAGoodEnd() throws Exception {
        FaultClient client = cluster.faults();
        fillFrames(client, 128);
        cluster.pager.hold();
        client.raise(read(vm, 1, BASE_GFN));
        client.finish();
        cluster.pager.release();

        assertThat(client.next().getKind()).isEqualTo(OutcomeKind.OUTCOME_KIND_MAPPED);
        assertThat(client.end()).isEqualTo(Status.OK);
    }

    @Test
    void faultsOfAClientThatHungUpGoOnWithoutIt() throws Exception {
        FaultClient gone = cluster.faults();
        fillFrames(gone, 128);
        cluster.pager.hold();
        gone.raise(write(vm, 1, BASE_GFN, "lateststamp".substring(0, 8)));
        Cluster.await(() -> inFlight() == 1);
        gone.hangUp();
        cluster.pager.release();

        Cluster.await(() -> inFlight() == 0);
        assertThat(cluster.faults().outcomeOf(read(vm, 2, BASE_GFN)).getLoaded().toStringUtf8())
                .isEqualTo("lateststamp".substring(0, 8));
    }

    @Test
    void theMetersTellOfOutcomesAndPeers() throws Exception {
        MeterRegistry meters = cluster.service().getBean(MeterRegistry.class);
        cluster.faults().outcomeOf(read(vm, 1, BASE_GFN));

        Cluster.await(() -> meters.get("faultline.vcpu.outcomes")
                        .tags("kind", "mapped", "detail", "zero_fill")
                        .functionCounter()
                        .count()
                > 0);
        assertThat(meters.get("faultline.vcpu.peer.connected")
                        .tag("peer", "pager")
                        .gauge()
                        .value())
                .isEqualTo(1);
        assertThat(meters.get("faultline.vcpu.peer.strays")
                        .tag("peer", "notifier")
                        .functionCounter()
                        .count())
                .isZero();
    }

    private long inFlight() {
        return cluster.vms()
                .getVm(GetVmRequest.newBuilder().setVmId(vm).build())
                .getVm()
                .getCounters()
                .getFaultsInFlight();
    }

    /** Stamps pages from the first on, more than the VM has frames for, so that the first ones are out afterwards. */
    private void fillFrames(FaultClient client, int pages) throws InterruptedException {
        for (int page = 0; page < pages; page++) {
            Outcome outcome = client.outcomeOf(write(vm, page, BASE_GFN + page, stamp(page)));
            assertThat(outcome.getKind()).isEqualTo(OutcomeKind.OUTCOME_KIND_MAPPED);
        }
    }

    private void enable() {
        assertThat(cluster.vms()
                        .configureAsyncPf(ConfigureAsyncPfRequest.newBuilder()
                                .setVmId(vm)
                                .setHypercall(AsyncPfHypercall.newBuilder()
                                        .setFunction(4)
                                        .setArgument2(ENABLED_AREA))
                                .build())
                        .getResult())
                .isZero();
    }

    private String stamp(int page) {
        return "%04x%04x".formatted(vm, page);
    }
}
