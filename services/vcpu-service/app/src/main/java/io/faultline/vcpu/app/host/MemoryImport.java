// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.host;

import io.faultline.rpc.ServiceLoop;
import io.faultline.vcpu.domain.ImportRefusal;
import io.faultline.vcpu.domain.PageImport;
import io.faultline.vcpu.domain.PageImporter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One memory image on its way into a VM, chunk by chunk: looked at beside the loop, handed to the machine a few pages a
 * turn, kept until each of its pages has ended. Loop thread only.
 */
/*
 * A few chunks are open at a time, and the next is asked for when one of them has ended: that bounds the pages in flight and
 * the memory, and is the back-pressure. When a page is refused nothing more is begun, the caller hears of it at once, and
 * what is under way comes to its end: the VM counts as importing until then, so that no answer can meet another import.
 */
public final class MemoryImport implements PageImporter {
    /** Chunks that are open at a time, each of at most {@link #CHUNK_BYTES_MAX}. */
    public static final int CHUNKS_MAX = 4;
    /** The longest chunk, in bytes. */
    public static final int CHUNK_BYTES_MAX = 1 << 20;
    /** Pages handed to the machine in one turn of the loop. */
    private static final int PAGES_A_TURN = 32;

    private final MemoryImports imports;
    private final ServiceLoop loop;
    private final HostedVm vm;
    private final ImageLayout layout;
    private final boolean replaces;
    private final byte[] secret;
    private final Listener listener;
    private final SeenPages seen;
    private final List<ImageChunk> open = new ArrayList<>();
    private final ArrayDeque<ImageChunk> waiting = new ArrayDeque<>();

    private long pagesReceived;
    private int nextInChunk;
    private int scanning;
    private int inFlight;
    private boolean isStepDue;
    private boolean isComplete;
    private boolean isOver;
    private boolean isReleased;
    private long stored;
    private long zeros;
    private long duplicates;

    MemoryImport(MemoryImports imports, HostedVm vm, ImageLayout layout, boolean replaces, Listener listener) {
        this.imports = imports;
        this.loop = imports.loop();
        this.vm = vm;
        this.layout = layout;
        this.replaces = replaces;
        this.secret = imports.newSecret();
        this.listener = listener;
        this.seen = new SeenPages(layout.pages());
    }

    /** Takes the image's next pages, whole ones; {@code bytes} is the import's from now on. */
    public void pages(byte[] bytes) {
        if (isOver) {
            return;
        }
        int pageBytes = vm.spec().pageSize().bytes();
        long first = pagesReceived;
        pagesReceived += bytes.length / pageBytes;
        scanning++;
        imports.scanner().execute(() -> {
            ImageChunk chunk = ImageChunk.scan(first, bytes, pageBytes, secret);
            loop.execute(() -> scanned(chunk));
        });
    }

    /** No more pages come. */
    public void complete() {
        isComplete = true;
        endIfDone();
    }

    /** Nobody wants the image any more: what is not under way stays as it is. */
    public void abandon() {
        isOver = true;
        waiting.clear();
        endIfDone();
    }

    /** The VM has ended, and with it every page that was under way. */
    void vmClosed() {
        if (!isOver) {
            fail(layout.gfn(0), ImportRefusal.VM_GONE);
        }
        endIfDone();
    }

    private void scanned(ImageChunk chunk) {
        scanning--;
        if (isOver) {
            endIfDone();
            return;
        }
        open.add(chunk);
        waiting.add(chunk);
        stepSoon();
    }

    private void stepSoon() {
        if (!isStepDue && !waiting.isEmpty()) {
            isStepDue = true;
            loop.execute(this::step);
        }
    }

    private void step() {
        isStepDue = false;
        for (int pages = 0; pages < PAGES_A_TURN && !isOver && !waiting.isEmpty(); pages++) {
            ImageChunk chunk = waiting.element();
            int i = nextInChunk++;
            if (nextInChunk == chunk.pages()) {
                waiting.remove();
                nextInChunk = 0;
            }
            hand(chunk, i);
        }
        stepSoon();
        endIfDone();
    }

    private void hand(ImageChunk chunk, int i) {
        long image = chunk.page(i);
        PageImport page = new PageImport(layout.gfn(image), replaces, chunk.crc(i), (int) image, this);
        int at = chunk.isZero(i) ? SeenPages.NOT_SEEN : seen.find(chunk.digestHigh(i), chunk.digestLow(i));
        inFlight++;
        if (chunk.isZero(i)) {
            vm.machine().importZero(page, loop.nowNs());
        } else if (at == SeenPages.NOT_SEEN) {
            vm.machine().importPage(page, loop.nowNs());
        } else {
            vm.machine().importDuplicate(page, seen.gfn(at), seen.version(at), loop.nowNs());
        }
    }

    @Override
    public void store(PageImport page) {
        ImageChunk chunk = isOver ? null : chunkOf(page);
        if (chunk == null) {
            loop.execute(() -> {
                if (!vm.isClosed()) {
                    vm.machine().importGivenUp(page, loop.nowNs());
                }
            });
            return;
        }
        int i = chunk.indexOf(page.mark());
        seen.put(chunk.digestHigh(i), chunk.digestLow(i), page.gfn(), page.version());
        imports.tiers().storeImport(vm, page, chunk.bytesOf(page.mark()));
    }

    @Override
    public void imported(PageImport page) {
        ImageChunk chunk = chunkOf(page);
        if (chunk != null && chunk.isZero(chunk.indexOf(page.mark()))) {
            zeros++;
        } else if (page.version() == 0) {
            duplicates++;
        } else {
            stored++;
        }
        pageEnded(chunk);
    }

    @Override
    public void notImported(PageImport page, ImportRefusal why) {
        if (!isOver) {
            fail(page.gfn(), why);
        }
        pageEnded(chunkOf(page));
    }

    private void fail(long gfn, ImportRefusal why) {
        isOver = true;
        waiting.clear();
        listener.failed(gfn, why);
    }

    private void pageEnded(@Nullable ImageChunk chunk) {
        inFlight--;
        if (chunk != null && --chunk.pagesLeft == 0) {
            open.remove(chunk);
            if (!isOver && !isComplete) {
                listener.readyForMore();
            }
        }
        endIfDone();
    }

    private @Nullable ImageChunk chunkOf(PageImport page) {
        for (ImageChunk chunk : open) {
            if (chunk.contains(page.mark())) {
                return chunk;
            }
        }
        return null;
    }

    private void endIfDone() {
        if (isReleased || inFlight > 0 || scanning > 0) {
            return;
        }
        if (isOver) {
            release();
        } else if (isComplete && waiting.isEmpty()) {
            isOver = true;
            release();
            listener.imported(stored, zeros, duplicates);
        }
    }

    private void release() {
        isReleased = true;
        open.clear();
        imports.ended(vm);
    }
    /** Hears of an import; after {@link #imported} or {@link #failed} nothing more. Must not call the machine. */
    public interface Listener {
        /** One more chunk may come. */
        void readyForMore();

        /** Every page is in: so many were stored, were zeros, or share the copy of another. */
        void imported(long stored, long zeros, long duplicates);

        /** This page was not taken in; each page of the image is imported or as it was. */
        void failed(long gfn, ImportRefusal why);
    }
}
