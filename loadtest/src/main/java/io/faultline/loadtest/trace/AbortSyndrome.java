// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import io.faultline.model.Access;

/**
 * What ESR_EL2 says of a guest's abort, which the kernel's tracepoints call hsr. Bits as KVM reads them
 * (arch/arm64/include/asm/esr.h, kvm_emulate.h); the rule for writes is that of the asynchronous page fault series.
 */
final class AbortSyndrome {
    /** The exception class of an instruction abort from a lower exception level. */
    static final int INSTRUCTION_ABORT = 0x20;

    /** The exception class of a data abort from a lower exception level. */
    static final int DATA_ABORT = 0x24;

    private static final int CLASS_SHIFT = 26;
    private static final int CLASS_MASK = 0x3F;
    private static final int STATUS_MASK = 0x3F;
    private static final int WRITE_NOT_READ = 1 << 6;
    private static final int WALK = 1 << 7;

    private AbortSyndrome() {}

    /** The exception class, ESR bits 26 to 31. */
    static int exceptionClass(long syndrome) {
        return (int) (syndrome >>> CLASS_SHIFT) & CLASS_MASK;
    }

    /** The fault status code, ESR bits 0 to 5; 0x04 to 0x07 are translation faults of levels 0 to 3. */
    static int faultStatus(long syndrome) {
        return (int) syndrome & STATUS_MASK;
    }

    /** Whether the MMU itself touched the page, on its walk through the guest's page tables (S1PTW). */
    static boolean isPageTableWalk(long syndrome) {
        return (syndrome & WALK) != 0;
    }

    /** What was wanted: a walk counts as a write, since it may set the accessed bit; else a fetch, or as WnR says. */
    static Access access(long syndrome) {
        if (isPageTableWalk(syndrome)) {
            return Access.WRITE;
        }
        if (exceptionClass(syndrome) == INSTRUCTION_ABORT) {
            return Access.EXECUTE;
        }
        return (syndrome & WRITE_NOT_READ) != 0 ? Access.WRITE : Access.READ;
    }

    /** Whether it is one of the two aborts for which KVM resolves guest faults. */
    static boolean isAbort(long syndrome) {
        int exceptionClass = exceptionClass(syndrome);
        return exceptionClass == DATA_ABORT || exceptionClass == INSTRUCTION_ABORT;
    }
}
