// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import io.faultline.loadtest.grpc.VmClient;
import io.faultline.loadtest.trace.Recording;
import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.Statuses;
import io.grpc.Status;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Reads every recorded page back once the guest stands still, as a debugger's stub would, and compares every byte with
 * what was last written. Loop thread only, but for {@link #done} and what is asked after it.
 */
final class ReadBack {
    private static final int READ_BYTES_MAX = 256 << 10;
    private static final int READS_IN_FLIGHT_MAX = 4;
    private static final int ATTEMPTS_MAX = 5;
    private static final long RETRY_NS = 500_000_000L;

    private final ServiceLoop loop;
    private final VmClient vm;
    private final Recording recording;
    private final PageCheck check;
    private final ReplayProgress progress;
    private final PageRuns runs;
    private final int pageShift;
    /** Pages of a run in which one is lost, to be asked for one by one. */
    private final Deque<PageRuns.Run> single = new ArrayDeque<>();

    private final List<String> wrongPages = new ArrayList<>();
    private final List<String> lostPages = new ArrayList<>();
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private int readsInFlight;
    private long pages;
    private long wrong;
    private long lost;
    private long retries;

    ReadBack(ServiceLoop loop, VmClient vm, Recording recording, PageCheck check, ReplayProgress progress) {
        this.loop = loop;
        this.vm = vm;
        this.recording = recording;
        this.check = check;
        this.progress = progress;
        runs = new PageRuns(recording.addressMap(), READ_BYTES_MAX);
        pageShift = recording.addressMap().pageShift();
    }

    /** Completes when every page was read or is known to be lost, or with a {@link ReplayException}. */
    CompletableFuture<Void> done() {
        return done;
    }

    /** What came of it, once it is {@link #done}. */
    ReplayResult.ReadBack result() {
        return new ReplayResult.ReadBack(pages, wrong, lost, retries);
    }

    /** The pages that are not what they must be, in words; empty when all are right. */
    List<String> broken(long vmId) {
        List<String> broken = new ArrayList<>();
        if (wrong > 0) {
            broken.add(wrong + " pages of VM " + vmId + " were read back wrong: " + String.join("; ", wrongPages));
        }
        if (lost > 0) {
            broken.add(lost + " pages of VM " + vmId + " are lost: " + String.join("; ", lostPages));
        }
        return broken;
    }

    /** Reads as much as may be in flight. */
    void advance() {
        while (!done.isDone() && readsInFlight < READS_IN_FLIGHT_MAX && (!single.isEmpty() || runs.hasNext())) {
            readsInFlight++;
            read(single.isEmpty() ? runs.next() : single.remove(), 1);
        }
        if (readsInFlight == 0) {
            done.complete(null);
        }
    }

    private void read(PageRuns.Run run, int attempt) {
        vm.readMemory(
                run.gfn() << pageShift,
                run.count() << pageShift,
                bytes -> arrived(run, bytes),
                status -> failed(run, attempt, status));
    }

    private void arrived(PageRuns.Run run, ByteBuffer bytes) {
        for (int i = 0; i < run.count(); i++) {
            long gfn = run.gfn() + i;
            String what = check.wrong(run.page() + i, gfn, bytes.slice(i << pageShift, 1 << pageShift));
            if (what != null) {
                wrong++;
                note(wrongPages, gfn, what);
            }
        }
        ended(run.count());
    }

    private void failed(PageRuns.Run run, int attempt, Status status) {
        if (status.getCode() == Status.Code.DATA_LOSS) {
            loses(run, status);
        } else if (mayPass(status) && attempt < ATTEMPTS_MAX) {
            retries++;
            loop.executeAfter(() -> read(run, attempt + 1), RETRY_NS);
        } else {
            done.completeExceptionally(new ReplayException(
                    ReplayException.Kind.NO_CONNECTION,
                    "gfn 0x" + Long.toHexString(run.gfn()) + " could not be read back in " + attempt + " attempts: "
                            + Statuses.describe(status),
                    status.asException()));
        }
    }

    /** One page at least of this run is lost; which, is known when it is alone. */
    private void loses(PageRuns.Run run, Status status) {
        if (run.count() == 1) {
            lost++;
            note(lostPages, run.gfn(), Statuses.describe(status));
            ended(1);
            return;
        }
        for (int i = 0; i < run.count(); i++) {
            single.add(new PageRuns.Run(run.page() + i, run.gfn() + i, 1));
        }
        ended(0);
    }

    private void ended(int count) {
        readsInFlight--;
        pages += count;
        progress.reached(
                ReplayProgress.Phase.READ_BACK, pages, recording.addressMap().pageCount());
        advance();
    }

    private static void note(List<String> pages, long gfn, String what) {
        if (pages.size() < Tally.MESSAGES_MAX) {
            pages.add("gfn 0x" + Long.toHexString(gfn) + ": " + what);
        }
    }

    private static boolean mayPass(Status status) {
        return switch (status.getCode()) {
            case UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED -> true;
            default -> false;
        };
    }
}
