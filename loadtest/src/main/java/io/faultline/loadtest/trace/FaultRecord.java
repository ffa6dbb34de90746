// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import io.faultline.model.Access;
import io.faultline.model.Privilege;

/**
 * One recorded page fault of a user process, as x86's {@code exceptions:page_fault_user} reports it. Immutable.
 *
 * @param threadId the thread that faulted
 * @param comm the thread's name, at most 15 characters in the kernel
 * @param timeNs when, in nanoseconds of the recorder's monotonic clock (printed in whole microseconds)
 * @param address the virtual address touched
 * @param instructionPointer the address of the instruction that touched it
 * @param errorCode x86's page fault error code
 */
public record FaultRecord(
        int threadId, String comm, long timeNs, long address, long instructionPointer, int errorCode) {
    private static final int PROTECTION = 1;
    private static final int WRITE = 1 << 1;
    private static final int USER = 1 << 2;
    private static final int INSTRUCTION_FETCH = 1 << 4;

    /** Whether the page was present and its protection forbade the access: a write-protect or copy-on-write fault. */
    public boolean isProtection() {
        return (errorCode & PROTECTION) != 0;
    }

    /** Whether the access was a store. */
    public boolean isWrite() {
        return (errorCode & WRITE) != 0;
    }

    /** Whether the processor ran in user mode; a kernel touches user addresses too, when it copies from or to them. */
    public boolean isUser() {
        return (errorCode & USER) != 0;
    }

    /** Whether the access was an instruction fetch. */
    public boolean isInstructionFetch() {
        return (errorCode & INSTRUCTION_FETCH) != 0;
    }

    /** The access in a guest's terms. */
    public Access access() {
        if (isInstructionFetch()) {
            return Access.EXECUTE;
        }
        return isWrite() ? Access.WRITE : Access.READ;
    }

    /** The privilege in a guest's terms. */
    public Privilege privilege() {
        return isUser() ? Privilege.USER : Privilege.KERNEL;
    }
}
