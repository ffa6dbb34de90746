// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.benchmarks.Measured;
import io.faultline.model.PageSource;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What a fault costs the fault plane, without I/O. Every decision includes its audit steps and outcomes, handed to
 * {@link LatestEffects}.
 */
public class FaultDecisionBenchmark extends Measured {
    private static final long NOW_NS = 1;

    /**
     * Lookup, eligibility, token, fault slot, publication and fetch. A vCPU stands still for the verdict, so each of the
     * 256 vCPUs decides one fault an invocation; the verdicts and pages come outside the measured time.
     */
    @Benchmark
    @OperationsPerInvocation(MeasuredVm.VCPUS)
    public void decideAsynchronous(DecidingVm vm) {
        for (int vcpuId = 0; vcpuId < MeasuredVm.VCPUS; vcpuId++) {
            vm.outstanding.raise(vcpuId);
        }
    }

    /** The same decision, its verdict, the page of the oldest work and its end; reclaim drops the page that must go. */
    @Benchmark
    public long wholeLifeAsynchronous(LivingVm vm) {
        int vcpuId = vm.next++ & (MeasuredVm.VCPUS - 1);
        vm.outstanding.raise(vcpuId);
        vm.outstanding.acceptAndEndOldest(vcpuId);
        return vm.outstanding.vm.effects.auditTrace;
    }

    /** A fault on one of 16,384 pages that are resident, as after another vCPU's fault on the same page. */
    @Benchmark
    public long mapResident(ResidentVm vm) {
        vm.measured.raise(0, vm.pages[vm.next++ & (ResidentVm.PAGES - 1)]);
        return vm.measured.effects.auditTrace;
    }

    /** 256 vCPUs, each with so many works when its fault is decided. */
    @State(Scope.Thread)
    public static class DecidingVm {
        /** Works that each vCPU has; with 63 the fault takes the last slot. */
        @Param({"0", "32", "63"})
        public int works;

        Outstanding outstanding;

        @Setup
        public void fill() {
            outstanding = new Outstanding(works);
        }

        @TearDown(Level.Invocation)
        public void settle() {
            for (int vcpuId = 0; vcpuId < MeasuredVm.VCPUS; vcpuId++) {
                outstanding.acceptAndEndOldest(vcpuId);
            }
        }

        @TearDown
        public void check() {
            outstanding.requireAllAsynchronous();
        }
    }

    /** The same, faulting one after the other. */
    @State(Scope.Thread)
    public static class LivingVm {
        /** Works that each vCPU has. */
        @Param({"0", "32", "63"})
        public int works;

        Outstanding outstanding;
        int next;

        @Setup
        public void fill() {
            outstanding = new Outstanding(works);
        }

        @TearDown
        public void check() {
            outstanding.requireAllAsynchronous();
        }
    }

    /** A VM whose working set is in frames. */
    @State(Scope.Thread)
    public static class ResidentVm {
        static final int PAGES = 1 << 14;

        final MeasuredVm measured = new MeasuredVm();
        final int[] pages = new int[PAGES];
        int next;

        @Setup
        public void bringIn() {
            for (int i = 0; i < PAGES; i++) {
                pages[i] = measured.raiseOnSwapped(0);
                int token = measured.effects.token;
                measured.accept(0, token);
                measured.vm.fetched(measured.effects.frame, PageSource.DRAM, NOW_NS);
                measured.ready(0, token);
            }
        }

        @TearDown
        public void check() {
            if (measured.effects.residentMappings != measured.vm.counters().faults() - PAGES) {
                throw new IllegalStateException(
                        "mapped: " + measured.effects.residentMappings + " resident pages (expected: "
                                + (measured.vm.counters().faults() - PAGES) + ")");
            }
        }
    }

    /** The works of all vCPUs, oldest first: each raised fault waits for its turn to end in a ring. */
    static final class Outstanding {
        final MeasuredVm vm = new MeasuredVm();
        private final int ring;
        private final int[] tokens;
        private final int[] frames;
        private final int[] heads = new int[MeasuredVm.VCPUS];
        private long raised;

        Outstanding(int works) {
            ring = works + 1;
            tokens = new int[MeasuredVm.VCPUS * ring];
            frames = new int[MeasuredVm.VCPUS * ring];
            for (int vcpuId = 0; vcpuId < MeasuredVm.VCPUS; vcpuId++) {
                for (int i = 0; i < works; i++) {
                    raise(vcpuId);
                    vm.accept(vcpuId, tokens[at(vcpuId)]);
                    advance(vcpuId);
                }
            }
        }

        void raise(int vcpuId) {
            vm.raiseOnSwapped(vcpuId);
            raised++;
            tokens[at(vcpuId)] = vm.effects.token;
            frames[at(vcpuId)] = vm.effects.frame;
        }

        void acceptAndEndOldest(int vcpuId) {
            vm.accept(vcpuId, tokens[at(vcpuId)]);
            advance(vcpuId);
            vm.vm.fetched(frames[at(vcpuId)], PageSource.DRAM, NOW_NS);
            vm.ready(vcpuId, tokens[at(vcpuId)]);
        }

        void requireAllAsynchronous() {
            if (vm.effects.publications != raised) {
                throw new IllegalStateException("publications: " + vm.effects.publications
                        + " (expected: one for each of " + raised + " faults)");
            }
        }

        private int at(int vcpuId) {
            return vcpuId * ring + heads[vcpuId];
        }

        private void advance(int vcpuId) {
            heads[vcpuId] = heads[vcpuId] + 1 == ring ? 0 : heads[vcpuId] + 1;
        }
    }
}
