// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import java.util.Arrays;

/**
 * The registers that SDEI saves when it dispatches an event and restores when the handler completes. A reusable carrier;
 * only a guest that sends its registers has any here. Owned by the vCPU's thread.
 */
public final class CpuContext {
    /** x0 to x17. */
    public static final int REGISTERS = 18;

    /* PSTATE of a vCPU that goes on at EL1 with its own stack pointer and D, A, I and F masked. */
    private static final long EL1H_MASKED = 0x3C5;

    private final long[] x = new long[REGISTERS];
    private long pc;
    private long pstate;
    private long elr;
    private long spsr;

    /** Sets register xN; n is 0 to 17. */
    public void x(int n, long value) {
        x[n] = value;
    }

    /** Register xN; n is 0 to 17. */
    public long x(int n) {
        return x[n];
    }

    /** Sets the program counter and the processor state. */
    public void at(long pc, long pstate) {
        this.pc = pc;
        this.pstate = pstate;
    }

    /** Sets what an exception return from EL1 would go back to. */
    public void returningTo(long elr, long spsr) {
        this.elr = elr;
        this.spsr = spsr;
    }

    /** The program counter. */
    public long pc() {
        return pc;
    }

    /** The processor state. */
    public long pstate() {
        return pstate;
    }

    /** ELR_EL1. */
    public long elr() {
        return elr;
    }

    /** SPSR_EL1. */
    public long spsr() {
        return spsr;
    }

    /** Copies every register. */
    public void copyFrom(CpuContext other) {
        System.arraycopy(other.x, 0, x, 0, REGISTERS);
        pc = other.pc;
        pstate = other.pstate;
        elr = other.elr;
        spsr = other.spsr;
    }

    /** Another context with the same registers. */
    CpuContext copy() {
        CpuContext copy = new CpuContext();
        copy.copyFrom(this);
        return copy;
    }

    /** Sets every register to 0. */
    public void clear() {
        Arrays.fill(x, 0);
        pc = 0;
        pstate = 0;
        elr = 0;
        spsr = 0;
    }

    /** Goes on at an address as if an exception had just been taken to EL1: COMPLETE_AND_RESUME's effect. */
    void resumeAt(long address) {
        elr = pc;
        spsr = pstate;
        pc = address;
        pstate = EL1H_MASKED;
    }
}
