// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import static io.faultline.vcpu.app.grpc.Cluster.BASE_GFN;
import static io.faultline.vcpu.app.grpc.Cluster.PAGE;
import static io.faultline.vcpu.app.grpc.FaultClient.read;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.proto.vcpu.v1.Memslot;
import io.faultline.proto.vcpu.v1.OutcomeKind;
import io.faultline.proto.vcpu.v1.RegisterVmRequest;
import io.faultline.proto.vcpu.v1.UnregisterVmRequest;
import io.faultline.proto.vcpu.v1.VmPrefetchCounters;
import io.faultline.proto.vcpu.v1.VmSpec;
import io.faultline.vcpu.app.workingset.WorkingSets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A VM that starts again from its image: a real service tells the pager what it touched in its last life, and knows that
 * after a restart too.
 */
class WorkingSetIT {
    private static final long VM = 7;
    private static final int IMAGE_PAGES = 200;
    private static final int TOUCHED = 40;
    /** The next page's index is this many further on. */
    private static final int LEAP = 131;
    /** It would have been the next. */
    private static final int NEVER_TOUCHED = TOUCHED * LEAP % IMAGE_PAGES;

    @TempDir
    Path directory;

    @Test
    void whatAVmTouchedIsHintedAtWhenItStartsAgainInAnotherProcess() throws Exception {
        Cluster before = cluster();
        live(before, spec());
        before.close();
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).containsExactly(file());
        }

        Cluster after = cluster();
        after.pager.followHints();
        start(after, spec());
        Cluster.await(() -> sets(after).loaded() == 1);
        assertThat(after.pager.hintedGfns()).as("before the guest runs").isEmpty();
        FaultClient guest = after.faults();
        touch(guest, NEVER_TOUCHED);
        Cluster.await(() -> after.pager.hintedGfns().size() == TOUCHED);
        assertThat(after.pager.hintedGfns()).isEqualTo(touchedGfns());
        assertThat(after.pager.hintsOfNothing()).isZero();

        touchAll(guest);

        VmPrefetchCounters counters = end(after);
        assertThat(counters.getIssued()).isEqualTo(TOUCHED);
        assertThat(counters.getTimely()).isEqualTo(TOUCHED);
        assertThat(counters.getLate() + counters.getUnused() + counters.getRefused())
                .isZero();
        after.close();
    }

    @Test
    void aVmThatWasUnregisteredIsRememberedAlsoWithOtherMemslots() throws Exception {
        Cluster cluster = cluster();
        live(cluster, spec());
        end(cluster);
        Cluster.await(() -> sets(cluster).saved() == 1);
        cluster.pager.followHints();

        // The upper half of what was touched lies in no memslot of this life.
        int kept = IMAGE_PAGES / 2;
        VmSpec.Builder smaller = spec().clearMemslots()
                .addMemslots(
                        Memslot.newBuilder().setSlot(3).setBaseGfn(BASE_GFN).setPages(kept));
        register(cluster, smaller);
        Cluster.await(() -> sets(cluster).loaded() == 1);
        bringIn(cluster, kept);
        touch(cluster.faults(), 0);
        List<Long> stillThere = touchedGfns().stream()
                .filter(gfn -> gfn > BASE_GFN && gfn < BASE_GFN + kept)
                .toList();
        Cluster.await(() -> cluster.pager.hintedGfns().size() == stillThere.size());

        assertThat(cluster.pager.hintedGfns()).isEqualTo(stillThere);
        assertThat(sets(cluster).failed()).isZero();
        cluster.close();
    }

    @Test
    void aFileThatIsSpoiltIsCountedAndReplaced() throws Exception {
        Files.write(file(), new byte[] {'F', 'L', 'W', 'S', 1, 12});
        Cluster cluster = cluster();
        live(cluster, spec());
        assertThat(cluster.pager.hintedGfns()).isEmpty();
        assertThat(sets(cluster).failed()).isEqualTo(1);
        end(cluster);
        Cluster.await(() -> sets(cluster).saved() == 1);

        start(cluster, spec());
        Cluster.await(() -> sets(cluster).loaded() == 1);
        cluster.close();
    }

    @Test
    void aDirectoryThatIsNoneStopsNoVm() throws Exception {
        Path noDirectory = Files.write(directory.resolve("file"), new byte[1]);
        Cluster cluster = new Cluster("--faultline.vcpu.working-set-directory=" + noDirectory);
        live(cluster, spec());
        end(cluster);
        Cluster.await(() -> sets(cluster).failed() == 1);
        assertThat(sets(cluster).saved() + sets(cluster).loaded()).isZero();
        cluster.close();
    }

    private Cluster cluster() {
        return new Cluster("--faultline.vcpu.working-set-directory=" + directory);
    }

    private Path file() {
        return directory.resolve(VM + ".workingset");
    }

    /** A VM whose misses alone give no hints. */
    private static VmSpec.Builder spec() {
        return Cluster.spec(VM).setPrefetchPagesMax(0);
    }

    private static WorkingSets sets(Cluster cluster) {
        return cluster.service().getBean(WorkingSets.class);
    }

    private static void live(Cluster cluster, VmSpec.Builder spec) throws Exception {
        start(cluster, spec);
        touchAll(cluster.faults());
    }

    private static void start(Cluster cluster, VmSpec.Builder spec) throws Exception {
        register(cluster, spec);
        bringIn(cluster, IMAGE_PAGES);
    }

    private static void register(Cluster cluster, VmSpec.Builder spec) {
        cluster.vms().registerVm(RegisterVmRequest.newBuilder().setSpec(spec).build());
    }

    private static VmPrefetchCounters end(Cluster cluster) {
        return cluster.vms()
                .unregisterVm(UnregisterVmRequest.newBuilder().setVmId(VM).build())
                .getCounters()
                .getWorkingSetPrefetch();
    }

    private static List<Long> touchedGfns() {
        return LongStream.range(0, TOUCHED)
                .map(i -> BASE_GFN + i * LEAP % IMAGE_PAGES)
                .boxed()
                .toList();
    }

    private static void touchAll(FaultClient guest) throws InterruptedException {
        for (long gfn : touchedGfns()) {
            touch(guest, (int) (gfn - BASE_GFN));
        }
    }

    private static void touch(FaultClient guest, int page) throws InterruptedException {
        assertThat(guest.outcomeOf(read(VM, 0, BASE_GFN + page)).getKind()).isEqualTo(OutcomeKind.OUTCOME_KIND_MAPPED);
    }

    /** A memory image of pages that are all different, in one message. */
    private static void bringIn(Cluster cluster, int pages) throws Exception {
        byte[] image = new byte[pages * PAGE];
        new Random(1).nextBytes(image);
        Upload upload = new Upload(cluster, VM);
        upload.begin(image.length, false);
        upload.sendBytes(image);
        upload.complete();
        assertThat(upload.await().getStoredPages()).isEqualTo(pages);
    }
}
