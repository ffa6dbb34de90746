// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import static io.faultline.vcpu.app.grpc.Cluster.BASE_GFN;
import static io.faultline.vcpu.app.grpc.Cluster.PAGE;
import static io.faultline.vcpu.app.grpc.Cluster.READ_ONLY_GFN;
import static io.faultline.vcpu.app.grpc.FaultClient.read;
import static io.faultline.vcpu.app.grpc.FaultClient.write;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.faultline.proto.vcpu.v1.GetVmRequest;
import io.faultline.proto.vcpu.v1.ImportMemoryResponse;
import io.faultline.proto.vcpu.v1.OutcomeKind;
import io.faultline.proto.vcpu.v1.ReadMemoryRequest;
import io.faultline.proto.vcpu.v1.RegisterVmRequest;
import io.faultline.proto.vcpu.v1.UnregisterVmRequest;
import io.grpc.Status;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Memory images on their way into a VM, over gRPC, with a pager that can be made to stall and to refuse. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ImportMemoryIT {
    private static final AtomicLong VM_IDS = new AtomicLong(5_000);
    private static final int CHUNK_PAGES = 256;
    private static final int MAIN_PAGES = 4096;
    private static final int READ_ONLY_PAGES = 16;
    private static final int DEADLINE_MS = 300;

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
        assertThat(cluster.vms()
                        .registerVm(RegisterVmRequest.newBuilder()
                                .setSpec(Cluster.spec(vm).setFetchDeadlineMs(DEADLINE_MS))
                                .build()))
                .isNotNull();
    }

    @AfterEach
    void letThePagerGoOn() {
        cluster.pager.storeAll();
        cluster.pager.releaseStores();
    }

    @Test
    void zerosAreNotStoredEqualPagesOnceAndEveryPageComesBack() throws Exception {
        byte[] image = image(600, 7);

        ImportMemoryResponse response = importAll(image, false);

        assertThat(response.getZeroPages()).isEqualTo(200);
        assertThat(response.getDuplicatePages()).isEqualTo(200 - 7);
        assertThat(response.getStoredPages()).isEqualTo(200 + 7);
        assertThat(cluster.pager.pages(vm)).isEqualTo(200 + 7);
        assertThat(residentPages()).as("nothing went through the frames").isZero();
        requireMemory(image);
        assertThat(cluster.pager.corruptedOnTheWay()).isZero();
    }

    @Test
    void aPageThatTheGuestWritesLeavesThoseThatWereEqualToItAsTheyWere() throws Exception {
        byte[] image = image(6, 1);
        ImportMemoryResponse response = importAll(image, false);
        assertThat(response.getDuplicatePages()).isEqualTo(1);

        assertThat(cluster.faults()
                        .outcomeOf(write(vm, 0, BASE_GFN + 1, "changed"))
                        .getKind())
                .isEqualTo(OutcomeKind.OUTCOME_KIND_MAPPED);

        assertThat(readMemory(4, 1)).isEqualTo(ByteString.copyFrom(image, 4 * PAGE, PAGE));
    }

    @Test
    void theImageGoesOnInTheNextMemslotAlsoWhereGuestsMayNotWrite() throws Exception {
        byte[] image = new byte[(MAIN_PAGES + READ_ONLY_PAGES) * PAGE];
        byte[] firmware = random(READ_ONLY_PAGES * PAGE);
        System.arraycopy(firmware, 0, image, MAIN_PAGES * PAGE, firmware.length);

        assertThat(importAll(image, false).getStoredPages()).isEqualTo(READ_ONLY_PAGES);

        assertThat(cluster.faults()
                        .outcomeOf(read(vm, 1, READ_ONLY_GFN))
                        .getLoaded()
                        .byteAt(0))
                .isEqualTo(firmware[0]);
    }

    @Test
    void whatAPageHoldsStopsAnImportThatDoesNotReplace() throws Exception {
        assertThat(cluster.faults()
                        .outcomeOf(write(vm, 0, BASE_GFN + 2, "mine"))
                        .getKind())
                .isEqualTo(OutcomeKind.OUTCOME_KIND_MAPPED);

        Status refusal = refusal(() -> importAll(image(30, 1), false));

        assertThat(refusal.getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
        assertThat(refusal.getDescription())
                .isEqualTo("gfn 0x42002 of VM " + vm
                        + " holds something already (expected: a page of zeros in no frame, or replace)");
        assertThat(readMemory(2, 1).substring(0, 4).toStringUtf8()).isEqualTo("mine");
        byte[] image = image(30, 1);
        assertThat(importAll(image, true).getZeroPages()).isEqualTo(10);
        requireMemory(image);
    }

    @Test
    void aClientThatGoesAwayLeavesEachPageImportedOrAsItWas() throws Exception {
        byte[] image = random(2 * CHUNK_PAGES * PAGE);
        cluster.pager.storeAtMost(100);
        Upload upload = begin(image.length, false);
        upload.send(image, 0, CHUNK_PAGES);
        Cluster.await(() -> cluster.pager.pages(vm) == 100);

        upload.cancel();
        cluster.pager.storeAll();
        awaitNoImport();

        requireImportedOrZero(image);
        assertThat(importAll(image, true).getStoredPages()).isEqualTo(2 * CHUNK_PAGES);
        requireMemory(image);
    }

    @Test
    void anImportThatWasGivenUpKeepsItsVmUntilTheTiersHaveAnswered() throws Exception {
        cluster.pager.holdStores();
        Upload upload = begin(2 * CHUNK_PAGES * PAGE, false);
        upload.send(random(CHUNK_PAGES * PAGE), 0, CHUNK_PAGES);
        Cluster.await(() -> cluster.pager.storesHeld() == CHUNK_PAGES);

        upload.cancel();
        Status refusal = refusal(() -> begin(PAGE, false).await());
        cluster.pager.releaseStores();

        assertThat(refusal.getDescription())
                .isEqualTo("VM " + vm + ": another import is under way (expected: one at a time)");
        awaitNoImport();
    }

    @Test
    void tiersThatStayUnavailableFailTheImportByTheDeadline() throws Exception {
        byte[] image = random(CHUNK_PAGES * PAGE);
        cluster.pager.storeAtMost(50);

        Status refusal = refusal(() -> importAll(image, false));

        assertThat(refusal.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(refusal.getDescription()).contains("the tiers stayed unavailable until its deadline");
        cluster.pager.storeAll();
        awaitNoImport();
        requireImportedOrZero(image);
    }

    @Test
    void aSlowPagerIsWaitedForAndTheClientIsHeldBack() throws Exception {
        byte[] image = random(12 * CHUNK_PAGES * PAGE);
        cluster.pager.holdStores();
        Upload upload = begin(image.length, false);
        for (int chunk = 0; chunk < 12; chunk++) {
            upload.send(image, chunk * CHUNK_PAGES, CHUNK_PAGES);
        }
        upload.complete();

        Cluster.await(() -> cluster.pager.storesHeld() == 4 * CHUNK_PAGES);
        assertThat(upload.response).isNotDone();

        cluster.pager.releaseStores();
        assertThat(upload.await().getStoredPages()).isEqualTo(12 * CHUNK_PAGES);
        assertThat(cluster.pager.storesHeldMost()).isEqualTo(4 * CHUNK_PAGES);
        requireMemory(image);
    }

    @Test
    void anUnregisteredVmEndsItsImport() throws Exception {
        cluster.pager.storeAtMost(0);
        Upload upload = begin(CHUNK_PAGES * PAGE, false);
        upload.send(random(CHUNK_PAGES * PAGE), 0, CHUNK_PAGES);

        assertThat(cluster.vms()
                        .unregisterVm(
                                UnregisterVmRequest.newBuilder().setVmId(vm).build()))
                .isNotNull();

        assertThat(refusal(upload::await).getCode()).isEqualTo(Status.Code.NOT_FOUND);
    }

    @Test
    void whatCannotBeUsedIsRefusedBeforeAnyPage() throws Exception {
        long memory = (long) (MAIN_PAGES + READ_ONLY_PAGES) * PAGE;
        for (long length : new long[] {0, 1, PAGE + 1, memory + PAGE, -PAGE}) {
            Status refusal = refusal(() -> begin(length, false).await());
            assertThat(refusal.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(refusal.getDescription())
                    .isEqualTo("image_bytes: " + Long.toUnsignedString(length)
                            + " (expected: a multiple of the page size, 4096, from one page to the " + memory
                            + " bytes of the memslots of VM " + vm + ")");
        }
        long known = vm;
        vm = 4_999;
        assertThat(refusal(() -> begin(PAGE, false).await()).getCode()).isEqualTo(Status.Code.NOT_FOUND);
        vm = known;
    }

    @Test
    void whatDoesNotFitWhatWasSaidIsRefused() throws Exception {
        Upload unaligned = begin(2 * PAGE, false);
        unaligned.sendBytes(new byte[100]);
        assertThat(refusal(unaligned::await).getDescription())
                .isEqualTo("pages: 100 bytes (expected: whole pages of 4096 bytes, at most 1048576)");

        awaitNoImport();
        Upload tooMuch = begin(PAGE, false);
        tooMuch.sendBytes(new byte[2 * PAGE]);
        assertThat(refusal(tooMuch::await).getDescription())
                .isEqualTo("pages: more than the 4096 bytes that image_bytes said");

        awaitNoImport();
        Upload tooLittle = begin(2 * PAGE, false);
        tooLittle.sendBytes(new byte[PAGE]);
        tooLittle.complete();
        assertThat(refusal(tooLittle::await).getDescription())
                .isEqualTo("pages: 4096 bytes (expected: the 8192 that image_bytes said)");

        Upload headless = new Upload(cluster, vm);
        headless.sendBytes(new byte[PAGE]);
        assertThat(refusal(headless::await).getDescription())
                .isEqualTo("pages: first (expected: begin, and then pages)");
    }

    @Test
    void oneImportAVmAndTwoAService() throws Exception {
        Upload first = begin(PAGE, false);
        awaitImporting(vm);
        assertThat(refusal(() -> begin(PAGE, false).await()).getDescription())
                .isEqualTo("VM " + vm + ": another import is under way (expected: one at a time)");

        registerAVm();
        Upload second = begin(PAGE, false);
        awaitImporting(vm);
        registerAVm();
        Status refusal = refusal(() -> begin(PAGE, false).await());
        assertThat(refusal.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);

        first.sendBytes(new byte[PAGE]);
        first.complete();
        assertThat(first.await().getZeroPages()).isEqualTo(1);
        second.cancel();
        awaitNoImport();
    }

    /* The next one is refused as long as the last is there. */
    private void awaitNoImport() {
        Cluster.await(() -> {
            try {
                Upload probe = begin(PAGE, false);
                probe.complete();
                return refusal(probe::await).getCode() == Status.Code.INVALID_ARGUMENT;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private void awaitImporting(long vmId) {
        long asked = vm;
        vm = vmId;
        Cluster.await(() -> {
            try {
                Upload probe = new Upload(cluster, vm);
                probe.begin(PAGE, false);
                probe.complete();
                return refusal(probe::await).getCode() != Status.Code.INVALID_ARGUMENT;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        vm = asked;
    }

    /** A third zeros, a third of a few kinds, a third like nothing else. */
    private byte[] image(int pages, int kinds) {
        byte[] image = random(pages * PAGE);
        for (int page = 0; page < pages; page++) {
            if (page % 3 == 0) {
                Arrays.fill(image, page * PAGE, (page + 1) * PAGE, (byte) 0);
            } else if (page % 3 == 1) {
                byte kind = (byte) (1 + page / 3 % kinds);
                Arrays.fill(image, page * PAGE, (page + 1) * PAGE, kind);
            }
        }
        return image;
    }

    private byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(vm).nextBytes(bytes);
        return bytes;
    }

    private ImportMemoryResponse importAll(byte[] image, boolean replace) throws Exception {
        Upload upload = begin(image.length, replace);
        int pages = image.length / PAGE;
        for (int page = 0; page < pages; page += CHUNK_PAGES) {
            upload.send(image, page, Math.min(CHUNK_PAGES, pages - page));
        }
        upload.complete();
        return upload.await();
    }

    private Upload begin(long length, boolean replace) {
        Upload upload = new Upload(cluster, vm);
        upload.begin(length, replace);
        return upload;
    }

    private static Status refusal(ThrowingCall call) throws Exception {
        try {
            ImportMemoryResponse response = call.call();
            throw new AssertionError("imported: " + response);
        } catch (ExecutionException e) {
            return Status.fromThrowable(e.getCause());
        }
    }

    private ByteString readMemory(int page, int pages) {
        return cluster.vms()
                .readMemory(ReadMemoryRequest.newBuilder()
                        .setVmId(vm)
                        .setIpa((BASE_GFN + page) * PAGE)
                        .setLengthBytes(pages * PAGE)
                        .build())
                .getData();
    }

    private void requireMemory(byte[] image) {
        int pages = image.length / PAGE;
        for (int page = 0; page < pages; page += CHUNK_PAGES) {
            int count = Math.min(CHUNK_PAGES, pages - page);
            assertThat(readMemory(page, count).equals(ByteString.copyFrom(image, page * PAGE, count * PAGE)))
                    .as("pages %d to %d", page, page + count - 1)
                    .isTrue();
        }
    }

    private void requireImportedOrZero(byte[] image) {
        ByteString zeros = ByteString.copyFrom(new byte[PAGE]);
        int imported = 0;
        for (int page = 0; page < image.length / PAGE; page++) {
            ByteString is = readMemory(page, 1);
            boolean there = is.equals(ByteString.copyFrom(image, page * PAGE, PAGE));
            assertThat(there || is.equals(zeros)).as("page %d", page).isTrue();
            imported += there ? 1 : 0;
        }
        assertThat(imported).isBetween(1, image.length / PAGE - 1);
    }

    private long residentPages() {
        return cluster.vms()
                .getVm(GetVmRequest.newBuilder().setVmId(vm).build())
                .getVm()
                .getCounters()
                .getResidentPages();
    }

    private interface ThrowingCall {
        ImportMemoryResponse call() throws Exception;
    }
}
