// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.faultline.model.Access;
import io.faultline.model.AuditStep;
import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import io.faultline.model.Privilege;
import io.faultline.model.Resolution;
import io.faultline.model.SyncReason;
import io.faultline.model.Token;
import java.lang.management.ManagementFactory;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The fast path makes no garbage: a fault's whole life once every pool has its objects. */
class AllocationTest {
    private static final int ROUNDS = 20_000;
    /** What the measuring itself and the odd class initialisation may cost, far below a byte a round. */
    private static final long SLACK_BYTES = 4_096;

    private static final long FIRST_GFN = 0x1000;
    private static final int PAGES = 512;

    private final Sink sink = new Sink();
    private final VirtualMachine vm = new VirtualMachine(Rig.spec(64, true, 0), sink);
    private final Vcpu vcpu = Objects.requireNonNull(vm.vcpu(0));
    private long lastRef;
    private long next;

    AllocationTest() {
        vm.open(true, 1);
        vcpu.hypercall(1, 4, (int) Rig.AREA | 1, 0, 1);
        vcpu.armed(vcpu.epoch(), 1);
        vcpu.ready(vcpu.epoch(), Token.WAKE_ALL, 1);
        for (int i = 0; i < PAGES; i++) {
            int page = Objects.requireNonNull(vm.memory().memslots.find(FIRST_GFN + i))
                    .page(FIRST_GFN + i);
            vm.memory().stage2.set(page, PageState.SWAPPED, 77);
            vm.memory().stage2.setCrc(page, i);
        }
    }

    @Test
    void aFaultsWholeLifeAllocatesNothing() {
        run();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        threads.getCurrentThreadAllocatedBytes();

        long before = threads.getCurrentThreadAllocatedBytes();
        run();
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(vm.counters().resolved(Resolution.READY)).isEqualTo(2 * ROUNDS);
        assertThat(allocated).isLessThan(SLACK_BYTES);
    }

    /** An asynchronous fault and one that finds the page resident; reclaim drops clean pages behind them. */
    private void run() {
        for (int round = 0; round < ROUNDS; round++) {
            long ipa = (FIRST_GFN + next++ % PAGES) << 12;
            vcpu.raise(++lastRef, ipa, Access.READ, Privilege.USER, false, 1);
            vcpu.accepted(vcpu.epoch(), sink.token, 1);
            vm.fetched(sink.frame, PageSource.DRAM, 1);
            vcpu.ready(vcpu.epoch(), sink.token, 1);
            vcpu.raise(++lastRef, ipa, Access.READ, Privilege.USER, false, 1);
        }
    }

    /** Remembers only what the next input needs. */
    private static final class Sink implements Effects {
        int token;
        int frame;

        @Override
        public void fetch(int into, long gfn, long version, int crc, long faultRef) {
            frame = into;
        }

        @Override
        public void publish(int vcpuId, long epoch, int published, long cause, long faultRef, boolean mayWait) {
            token = published;
        }

        @Override
        public void withdraw(int vcpuId, long epoch, int published) {}

        @Override
        public void access(long faultRef, int at) {}

        @Override
        public void mapped(long faultRef, PageSource source, SyncReason reason) {}

        @Override
        public void async(long faultRef, int issued) {}

        @Override
        public void resolved(long faultRef, int ended, PageSource source, Resolution resolution) {}

        @Override
        public void failed(long faultRef, FailReason reason) {}

        @Override
        public void zero(int at) {}

        @Override
        public void writeOut(int at, long gfn, long version) {}

        @Override
        public void discard(long gfn, long version) {}

        @Override
        public void create(int vcpuId, long epoch, int sdeiEvent, int pageReadyInterrupt) {}

        @Override
        public void destroy(int vcpuId, long epoch) {}

        @Override
        public void arm(int vcpuId, long epoch, long control, int sdeiEvent, int pageReadyInterrupt) {}

        @Override
        public void reset(int vcpuId, long epoch) {}

        @Override
        public void disarm(int vcpuId, long epoch) {}

        @Override
        public void complete(int vcpuId, long epoch, int completed, long cause, long faultRef) {}

        @Override
        public void wakeAll(int vcpuId, long epoch) {}

        @Override
        public void registered() {}

        @Override
        public void configured(int vcpuId, long requestId, long result, long value) {}

        @Override
        public void hostPageReady(long requestId, long gfn, int at) {}

        @Override
        public void hostPageFailed(long requestId, long gfn, FailReason reason) {}

        @Override
        public void audit(AuditStep step) {}
    }
}
