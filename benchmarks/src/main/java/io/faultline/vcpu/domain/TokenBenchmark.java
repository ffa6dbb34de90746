// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.benchmarks.Measured;
import java.util.Objects;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Drawing tokens, alone and as a fault becomes one of its vCPU's works. */
public class TokenBenchmark extends Measured {
    private static final int VCPU_ID = 5;

    private final TokenSequence sequence = new TokenSequence(VCPU_ID);

    /** A token that no other could be mistaken for, as nothing is outstanding. */
    @Benchmark
    public int draw() {
        return sequence.next(token -> false);
    }

    /** A fault becomes a work and ends: token checked against all others, frame number into the table and out. */
    @Benchmark
    public int beginAndEnd(OneOfMany one) {
        one.fault.begin(1, one.nextGfn++ & (OneOfMany.GUEST_PAGES - 1));
        one.outstanding.begin(one.fault);
        one.outstanding.end(one.fault);
        return one.fault.token;
    }

    /** A vCPU's works and a fault that is not among them. */
    @State(Scope.Thread)
    public static class OneOfMany {
        static final long GUEST_PAGES = 1 << 18;

        /** Works that have a token each. */
        @Param({"0", "32", "63"})
        public int works;

        final Works outstanding = new Works(new TokenSequence(VCPU_ID));
        final FaultPath path = path();
        final Fault fault = new Fault(path);
        long nextGfn;

        /** Makes as many other faults works. */
        @Setup
        public void fill() {
            for (int i = 0; i < works; i++) {
                Fault other = new Fault(path);
                other.begin(i, GUEST_PAGES + i * 97L);
                outstanding.begin(other);
            }
        }

        private static FaultPath path() {
            VirtualMachine vm = new MeasuredVm().vm;
            Vcpu vcpu = Objects.requireNonNull(vm.vcpu(VCPU_ID));
            return new FaultPath(vcpu, vm, vm.memory(), new ControlBlock(vm, vcpu, new Creation()));
        }
    }
}
