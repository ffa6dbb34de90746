// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import io.faultline.loadtest.grpc.VmClient;
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
    private final int pages;
    private final PageRuns runs;
    private final Stamps stamps;
    private final long seed;
    private final int pageShift;
    private final ReplayProgress progress;
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private int pagesWritten;
    private int writesInFlight;

    Populator(VmClient vm, Recording recording, Stamps stamps, long seed, ReplayProgress progress) {
        this.vm = vm;
        pages = recording.addressMap().pageCount();
        runs = new PageRuns(recording.addressMap(), WRITE_BYTES_MAX);
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
        while (!done.isDone() && writesInFlight < WRITES_IN_FLIGHT_MAX && runs.hasNext()) {
            writeNext();
        }
        if (pagesWritten == pages) {
            done.complete(null);
        }
    }

    private void writeNext() {
        PageRuns.Run run = runs.next();
        int count = run.count();
        byte[] image = new byte[count << pageShift];
        for (int page = 0; page < count; page++) {
            int offset = page << pageShift;
            long gfn = run.gfn() + page;
            PageImage.fill(gfn, seed, image, offset, 1 << pageShift);
            stamps.load(run.page() + page, gfn, image, offset + Stamp.offset(gfn, 1 << pageShift));
        }
        writesInFlight++;
        vm.writeMemory(run.gfn() << pageShift, image, () -> written(count), this::failed);
    }

    private void written(int count) {
        writesInFlight--;
        pagesWritten += count;
        progress.reached(ReplayProgress.Phase.POPULATE, pagesWritten, pages);
        advance();
    }

    private void failed(Status status) {
        done.completeExceptionally(new ReplayException(
                ReplayException.Kind.NO_CONNECTION,
                "the guest's memory could not be filled: " + Statuses.describe(status),
                status.asException()));
    }
}
