// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.workingset;

import io.faultline.vcpu.domain.VirtualMachine;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * VMs' working sets, a file for each VM id in one directory. Any thread may ask; a thread of their own touches the files,
 * one after the other in the order asked for. What cannot be read or written is counted and logged: a VM starts and ends
 * without it.
 */
public final class WorkingSetFiles implements AutoCloseable {
    /** Reads and writes that wait; further ones fail. */
    static final int QUEUE_MAX = 1_024;

    /** Pages of writes that wait, 8 MiB; what would be more fails. */
    static final int PAGES_QUEUED_MAX = 1 << 20;

    private static final Logger log = LoggerFactory.getLogger(WorkingSetFiles.class);
    private static final int CLOSE_TIMEOUT_S = 5;

    private final WorkingSetDirectory directory;
    private final ThreadPoolExecutor thread;
    private final AtomicInteger pagesQueued = new AtomicInteger();
    private final AtomicBoolean isFailing = new AtomicBoolean();
    private final AtomicLong saved = new AtomicLong();
    private final AtomicLong loaded = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();

    /** Files in a directory, which is made if it is not there. */
    public WorkingSetFiles(Path path) {
        directory = new WorkingSetDirectory(path);
        thread = new ThreadPoolExecutor(
                1,
                1,
                1,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(QUEUE_MAX),
                Thread.ofPlatform().daemon().name("working-sets").factory());
        thread.allowCoreThreadTimeOut(true);
        thread.execute(() -> open(path));
    }

    /** Working sets written. */
    public long saved() {
        return saved.get();
    }

    /** Working sets read. */
    public long loaded() {
        return loaded.get();
    }

    /** Working sets that could not be read or written. */
    public long failed() {
        return failed.get();
    }

    /**
     * Replaces a VM's working set by these gfns, which from now on nobody may change; without any, leaves it.
     *
     * @param whenSaved runs on the files' thread, unless it fails
     */
    public void save(long vmId, int pageShift, long[] gfns, Runnable whenSaved) {
        if (gfns.length == 0) {
            return;
        }
        if (pagesQueued.addAndGet(gfns.length) > PAGES_QUEUED_MAX) {
            pagesQueued.addAndGet(-gfns.length);
            failed("written", vmId, new IOException("more than " + PAGES_QUEUED_MAX + " pages wait to be written"));
            return;
        }
        boolean isQueued = run("written", vmId, () -> {
            pagesQueued.addAndGet(-gfns.length);
            directory.write(vmId, WorkingSetFormat.encode(pageShift, gfns));
            whenSaved.run();
            saved.incrementAndGet();
            directory.limit();
        });
        if (!isQueued) {
            pagesQueued.addAndGet(-gfns.length);
        }
    }

    /** Hands over a VM's working set if there is one for pages of this size, on the files' thread. */
    public void load(long vmId, int pageShift, Consumer<long[]> whenLoaded) {
        run("read", vmId, () -> {
            try {
                long[] gfns =
                        WorkingSetFormat.decode(directory.read(vmId), pageShift, VirtualMachine.WORKING_SET_PAGES_MAX);
                loaded.incrementAndGet();
                whenLoaded.accept(gfns);
            } catch (NoSuchFileException none) {
                log.debug("VM {}: no working set", Long.toUnsignedString(vmId));
            }
        });
    }

    /** Carries out what was asked for; blocks for a bounded time. Later asking fails. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(CLOSE_TIMEOUT_S, TimeUnit.SECONDS)) {
                log.warn("working sets: {} are not written", thread.getQueue().size() + thread.getActiveCount());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void open(Path path) {
        try {
            directory.open();
        } catch (IOException | RuntimeException e) {
            log.warn("{}: working sets cannot be kept here: {}", path, e.toString());
        }
    }

    private boolean run(String what, long vmId, Work work) {
        try {
            thread.execute(() -> {
                try {
                    work.run();
                    isFailing.set(false);
                } catch (IOException | RuntimeException e) {
                    failed(what, vmId, e);
                }
            });
            return true;
        } catch (RejectedExecutionException e) {
            failed(what, vmId, new IOException("more than " + QUEUE_MAX + " files wait, or the service ends", e));
            return false;
        }
    }

    /* Of failures in a row, as on a full disk, the first is told: all are counted. */
    private void failed(String what, long vmId, Exception why) {
        failed.incrementAndGet();
        log.atLevel(isFailing.getAndSet(true) ? Level.DEBUG : Level.WARN)
                .log("VM {}: its working set cannot be {}: {}", Long.toUnsignedString(vmId), what, why.toString());
    }

    /** What may fail. */
    private interface Work {
        void run() throws IOException;
    }
}
