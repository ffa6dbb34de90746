// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import io.faultline.loadtest.grpc.VmClient;
import io.faultline.loadtest.trace.Memslot;
import io.faultline.loadtest.trace.Recording;
import io.faultline.rpc.Statuses;
import io.grpc.Status;
import java.util.concurrent.CompletableFuture;

/**
 * Fills the guest's memory as the recorded process had filled its own before the recording began: every recorded page,
 * stamped, by host writes of up to 256 KiB, a few in flight. Loop thread only.
 */
final class Populator {
    private static final int WRITE_BYTES_MAX = 256 << 10;
    private static final int WRITES_IN_FLIGHT_MAX = 4;

    private final VmClient vm;
    private final Recording recording;
    private final Stamps stamps;
    private final long seed;
    private final int pageShift;
    private final ReplayProgress progress;
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private int slot;
    private int pageNext;
    private int pagesWritten;
    private int writesInFlight;

    Populator(VmClient vm, Recording recording, Stamps stamps, long seed, ReplayProgress progress) {
        this.vm = vm;
        this.recording = recording;
        this.stamps = stamps;
        this.seed = seed;
        this.progress = progress;
        pageShift = recording.addressMap().pageShift();
    }

    /** Completes when every page is written, or with a {@link ReplayException}. */
    CompletableFuture<Void> done() {
        return done;
    }

    /** Writes as much as may be in flight. */
    void advance() {
        int pages = recording.addressMap().pageCount();
        while (!done.isDone() && writesInFlight < WRITES_IN_FLIGHT_MAX && pageNext < pages) {
            writeNext();
        }
        if (pagesWritten == pages) {
            done.complete(null);
        }
    }

    private void writeNext() {
        Memslot memslot = recording.addressMap().memslots().get(slot);
        long gfn = recording.addressMap().gfn(pageNext);
        long slotEnd = memslot.baseGfn() + memslot.pages();
        int count = (int) Math.min(slotEnd - gfn, Math.max(1, WRITE_BYTES_MAX >> pageShift));
        byte[] image = new byte[count << pageShift];
        for (int page = 0; page < count; page++) {
            int offset = page << pageShift;
            PageImage.fill(gfn + page, seed, image, offset, 1 << pageShift);
            int stampOffset = offset + Stamp.offset(gfn + page, 1 << pageShift);
            stamps.load(pageNext + page, gfn + page, image, stampOffset);
        }
        pageNext += count;
        if (gfn + count == slotEnd) {
            slot++;
        }
        writesInFlight++;
        vm.writeMemory(gfn << pageShift, image, () -> written(count), this::failed);
    }

    private void written(int count) {
        writesInFlight--;
        pagesWritten += count;
        progress.reached(
                ReplayProgress.Phase.POPULATE,
                pagesWritten,
                recording.addressMap().pageCount());
        advance();
    }

    private void failed(Status status) {
        done.completeExceptionally(new ReplayException(
                ReplayException.Kind.NO_CONNECTION,
                "the guest's memory could not be filled: " + Statuses.describe(status),
                status.asException()));
    }
}
