// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import static io.faultline.vcpu.app.grpc.FaultClient.read;
import static io.faultline.vcpu.app.grpc.FaultClient.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.proto.pager.v1.SetVmQuotaRequest;
import io.faultline.proto.vcpu.v1.Memslot;
import io.faultline.proto.vcpu.v1.Outcome;
import io.faultline.proto.vcpu.v1.OutcomeKind;
import io.faultline.proto.vcpu.v1.RegisterVmRequest;
import io.faultline.proto.vcpu.v1.TierQuota;
import io.faultline.proto.vcpu.v1.UnregisterVmRequest;
import io.faultline.proto.vcpu.v1.VmSpec;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several pagers on one swap store: extents are spread, and whoever comes, goes, dies or is silent, no fault is lost. */
class PagersIT {
    private static final long VM = 1;
    private static final int EXTENTS = 200;
    private static final int PAGES_AN_EXTENT = 512;
    private static final int TIMEOUT_MS = 200;

    private final FakePager[] pagers = pagersOnOneStore();
    private final FakePeer[] peers = Arrays.stream(pagers).map(FakePeer::new).toArray(FakePeer[]::new);
    private final ListedPagers listed = new ListedPagers(peers[0], peers[1], peers[2]);

    private Cluster cluster;
    private FaultClient client;
    private long sequence;

    @BeforeEach
    void start() throws Exception {
        cluster = Cluster.withPagers(
                ListedPagers.TARGET,
                "--faultline.vcpu.pager-timeout-ms=" + TIMEOUT_MS,
                "--faultline.vcpu.peer-wait-ms=300",
                "--faultline.vcpu.reconnect-min-ms=10",
                "--faultline.vcpu.reconnect-max-ms=50");
        Cluster.await(() -> connected() == 3);
        client = cluster.faults();
        fill();
    }

    @AfterEach
    void stop() throws InterruptedException {
        cluster.close();
        for (FakePeer peer : peers) {
            peer.close();
        }
        listed.close();
    }

    @Test
    void extentsAreSpreadAndStayWhereTheyAre() throws Exception {
        int[] first = fetchesOfAWalk();
        int[] second = fetchesOfAWalk();

        assertThat(IntStream.of(first).limit(3)).allMatch(fetches -> fetches > EXTENTS / 6 && fetches < EXTENTS / 2);
        assertThat(second).isEqualTo(first);
    }

    @Test
    void whatAPagerThatDiesHadIsFetchedThroughTheOthers() throws Exception {
        peers[1].goAway();

        int[] fetches = fetchesOfAWalk();

        assertThat(fetches[1]).isZero();
        assertThat(fetches[0] + fetches[2]).isGreaterThanOrEqualTo(EXTENTS);
    }

    @Test
    void faultsUnderWayWhenTheirPagerDiesEndAllTheSame() throws Exception {
        pagers[1].hold();
        int before = pagers[1].fetches();
        for (int extent = 0; extent < EXTENTS; extent++) {
            client.raise(read(VM, extent, gfn(extent)).setVcpuId(extent % 2));
        }
        Cluster.await(() -> pagers[1].fetches() > before);

        peers[1].goAway();

        for (int extent = 0; extent < EXTENTS; extent++) {
            Outcome outcome = client.next();
            assertThat(outcome.getLoaded().toStringUtf8()).isEqualTo(stamp((int) outcome.getSequence()));
        }
    }

    @Test
    void aPagerThatComesTakesAboutItsShareAndOneThatLeavesIsAskedNoMore() throws Exception {
        int[] ofThree = fetchesOfAWalk();

        listed.list(peers[0], peers[1], peers[2], peers[3]);
        Cluster.await(() -> connected() == 4);
        int[] ofFour = fetchesOfAWalk();
        listed.list(peers[0], peers[2], peers[3]);
        Cluster.await(() -> cluster.service().getBean(Pagers.class).count() == 3);
        int[] without = fetchesOfAWalk();

        assertThat(ofFour[3]).isBetween(EXTENTS / 8, EXTENTS / 2);
        for (int old = 0; old < 3; old++) {
            assertThat(ofFour[old]).isLessThanOrEqualTo(ofThree[old]);
        }
        assertThat(without[1]).isZero();
        Cluster.await(() -> peers[1].connections() == 0);
    }

    @Test
    void aPagerThatSaysNothingIsPassedOver() throws Exception {
        pagers[0].hold();

        fetchesOfAWalk();
        int silent = pagers[0].fetches();
        fetchesOfAWalk();

        assertThat(pagers[0].fetches()).as("asked again while it is silent").isEqualTo(silent);
        pagers[0].release();
        Cluster.await(() -> {
            try {
                return fetchesOfAWalk()[0] > 0;
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void everyPagerIsToldAVmsQuotaAndOneThatRestartsIsToldAgain() throws Exception {
        SetVmQuotaRequest quota = SetVmQuotaRequest.newBuilder()
                .setVmId(VM)
                .setWeight(3)
                .setDramMaxBytes(2 << 20)
                .setCompressedMaxBytes(1 << 20)
                .build();
        Cluster.await(() -> Stream.of(pagers).limit(3).allMatch(pager -> quota.equals(pager.quota(VM))));

        peers[1].goAway();
        pagers[1].forgetQuotas();
        peers[1].comeBack();

        Cluster.await(() -> quota.equals(pagers[1].quota(VM)));
        listed.list(peers[0], peers[1], peers[2], peers[3]);
        Cluster.await(() -> quota.equals(pagers[3].quota(VM)));
    }

    @Test
    void aPagerThatCouldNotTakeAQuotaIsToldAgain() {
        unregister();
        Cluster.await(() -> pagers[0].drops().equals(List.of(VM)));
        pagers[0].forgetQuotas();
        pagers[0].failQuotas(1);

        register();

        Cluster.await(() -> pagers[0].quota(VM) != null);
    }

    @Test
    void aVmThatEndsIsDroppedByEveryPager() {
        unregister();

        Cluster.await(
                () -> Stream.of(pagers).limit(3).allMatch(pager -> pager.drops().equals(List.of(VM))));
        assertThat(pagers[0].pages(VM)).isZero();
    }

    @Test
    void aDropThatEveryPagerRefusedIsAskedForAgain() {
        Stream.of(pagers).forEach(pager -> pager.failDrops(1));

        unregister();

        Cluster.await(() -> pagers[0].pages(VM) == 0);
    }

    private static FakePager[] pagersOnOneStore() {
        FakePager first = new FakePager();
        return new FakePager[] {first, first.sharing(), first.sharing(), first.sharing()};
    }

    private int connected() {
        return cluster.service().getBean(Pagers.class).connectedCount();
    }

    private void register() {
        VmSpec spec = Cluster.spec(VM)
                .clearMemslots()
                .addMemslots(Memslot.newBuilder().setPages((long) EXTENTS * PAGES_AN_EXTENT))
                .setResidentPagesMax(64)
                .setFetchDeadlineMs(5_000)
                .setTierQuota(TierQuota.newBuilder()
                        .setWeight(3)
                        .setDramMaxBytes(2 << 20)
                        .setCompressedMaxBytes(1 << 20))
                .build();
        assertThat(cluster.vms()
                        .registerVm(RegisterVmRequest.newBuilder().setSpec(spec).build())
                        .hasVm())
                .isTrue();
    }

    private void fill() throws InterruptedException {
        register();
        for (int extent = 0; extent < EXTENTS; extent++) {
            assertThat(client.outcomeOf(write(VM, ++sequence, gfn(extent), stamp(extent)))
                            .getKind())
                    .isEqualTo(OutcomeKind.OUTCOME_KIND_MAPPED);
        }
    }

    /** Reads a page of every extent; what each pager was asked for meanwhile. */
    private int[] fetchesOfAWalk() throws InterruptedException {
        int[] before = Stream.of(pagers).mapToInt(FakePager::fetches).toArray();
        for (int extent = 0; extent < EXTENTS; extent++) {
            assertThat(client.outcomeOf(read(VM, ++sequence, gfn(extent)))
                            .getLoaded()
                            .toStringUtf8())
                    .isEqualTo(stamp(extent));
        }
        int[] fetches = Stream.of(pagers).mapToInt(FakePager::fetches).toArray();
        Arrays.setAll(fetches, i -> fetches[i] - before[i]);
        return fetches;
    }

    private void unregister() {
        assertThat(cluster.vms()
                        .unregisterVm(
                                UnregisterVmRequest.newBuilder().setVmId(VM).build())
                        .hasCounters())
                .isTrue();
    }

    private static long gfn(int extent) {
        return (long) extent * PAGES_AN_EXTENT;
    }

    private static String stamp(int extent) {
        return "page%04d".formatted(extent);
    }
}
