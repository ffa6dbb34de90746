// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.host;

import io.faultline.model.FailReason;
import io.faultline.rpc.ServiceLoop;
import io.faultline.vcpu.domain.HostAccess;
import java.nio.ByteBuffer;

/**
 * One copy between the host and a range of guest memory, page by page, a few pages at a time: pages that are out are
 * fetched, and a range larger than the VM's frames passes through them. Loop thread only.
 */
public final class MemoryTransfer {
    /** Pages asked for at once: enough to overlap fetches, few beside the smallest VM's 64 frames. */
    static final int PAGES_AT_ONCE = 16;

    private final ServiceLoop loop;
    private final HostedVm vm;
    private final long ipa;
    private final ByteBuffer data;
    private final boolean write;
    private final Listener listener;
    private final int pageShift;
    private final long lastGfn;

    private long requestId;
    private long nextGfn;
    private int inFlight;
    private boolean asking;
    private long failedGfn;
    private FailReason failure = FailReason.NONE;

    private MemoryTransfer(ServiceLoop loop, HostedVm vm, long ipa, ByteBuffer data, boolean write, Listener listener) {
        this.loop = loop;
        this.vm = vm;
        this.ipa = ipa;
        this.data = data;
        this.write = write;
        this.listener = listener;
        this.pageShift = vm.spec().pageSize().shift();
        this.nextGfn = ipa >>> pageShift;
        this.lastGfn = (ipa + data.capacity() - 1) >>> pageShift;
    }

    /** Fills all of {@code target} from guest memory at {@code ipa}, which lies in one memslot. */
    public static void read(ServiceLoop loop, HostedVm vm, long ipa, ByteBuffer target, Listener listener) {
        new MemoryTransfer(loop, vm, ipa, target, false, listener).start();
    }

    /** Writes all of {@code source} to guest memory at {@code ipa}, which lies in one memslot. */
    public static void write(ServiceLoop loop, HostedVm vm, long ipa, ByteBuffer source, Listener listener) {
        new MemoryTransfer(loop, vm, ipa, source, true, listener).start();
    }

    void pageReady(long gfn, int frame) {
        long pageStart = gfn << pageShift;
        int from = (int) Math.max(0, ipa - pageStart);
        int position = (int) (pageStart + from - ipa);
        int length = Math.min((1 << pageShift) - from, data.capacity() - position);
        ByteBuffer window = vm.memory().window(frame, from, length);
        if (write) {
            window.put(window.position(), data, position, length);
        } else {
            data.put(position, window, window.position(), length);
        }
        pageEnded();
    }

    void pageFailed(long gfn, FailReason reason) {
        fail(gfn, reason);
        pageEnded();
    }

    private void start() {
        requestId = vm.begin(this);
        ask();
    }

    private void ask() {
        asking = true;
        while (inFlight < PAGES_AT_ONCE && mayAsk()) {
            inFlight++;
            long gfn = nextGfn++;
            vm.machine().hostAccess(requestId, gfn, access(gfn), loop.nowNs());
        }
        asking = false;
        endIfDone();
    }

    private boolean mayAsk() {
        if (vm.isClosed()) {
            fail(nextGfn, FailReason.VM_GONE);
        }
        return nextGfn <= lastGfn && failure == FailReason.NONE;
    }

    private HostAccess access(long gfn) {
        if (!write) {
            return HostAccess.READ;
        }
        long pageStart = gfn << pageShift;
        long pageEnd = pageStart + (1L << pageShift);
        return pageStart >= ipa && pageEnd <= ipa + data.capacity() ? HostAccess.OVERWRITE : HostAccess.WRITE;
    }

    private void fail(long gfn, FailReason reason) {
        if (failure == FailReason.NONE) {
            failure = reason;
            failedGfn = gfn;
        }
    }

    /* Called from inside an input of the machine, which must return before the next page may be asked for. */
    private void pageEnded() {
        inFlight--;
        if (asking) {
            return;
        }
        if (nextGfn <= lastGfn && failure == FailReason.NONE) {
            loop.execute(this::ask);
        } else {
            endIfDone();
        }
    }

    private void endIfDone() {
        if (inFlight > 0 || (nextGfn <= lastGfn && failure == FailReason.NONE)) {
            return;
        }
        vm.end(requestId);
        if (failure == FailReason.NONE) {
            listener.transferred();
        } else {
            listener.failed(failedGfn, failure);
        }
    }

    /** Hears how a transfer ended: exactly one call. */
    public interface Listener {
        /** Every byte was copied. */
        void transferred();

        /** This page could not be had; other pages may have been copied. */
        void failed(long gfn, FailReason reason);
    }
}
