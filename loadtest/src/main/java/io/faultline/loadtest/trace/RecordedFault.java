// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import io.faultline.model.Access;
import io.faultline.model.Privilege;

/**
 * One recorded fault. A reader fills the same object again for each fault, so that reading allocates nothing: what is to
 * be kept is copied out before the next one is asked for. Not thread-safe.
 */
public final class RecordedFault {
    private static final int X86_WRITE = 1 << 1;
    private static final int X86_USER = 1 << 2;
    private static final int X86_INSTRUCTION_FETCH = 1 << 4;

    private long timeNs;
    private int threadId;
    private String comm = "";
    private long address;
    private Access access = Access.READ;
    private Privilege privilege = Privilege.USER;

    /** When, in nanoseconds of the recorder's clock; 0 where the format has no times. */
    public long timeNs() {
        return timeNs;
    }

    /** The thread that faulted, by the kernel's number; 0 where the format has no threads. */
    public int threadId() {
        return threadId;
    }

    /** The thread's name, at most 15 characters in the kernel; empty where the format has none. */
    public String comm() {
        return comm;
    }

    /** The address touched, in the recording's {@link AddressSpace}. */
    public long address() {
        return address;
    }

    /** What the instruction wanted to do; a read where the format does not say. */
    public Access access() {
        return access;
    }

    /** In which privilege it did; user where the format does not say. */
    public Privilege privilege() {
        return privilege;
    }

    /** All at its defaults: no time, no thread, a user's read of address 0. */
    void clear() {
        timeNs = 0;
        threadId = 0;
        comm = "";
        address = 0;
        access = Access.READ;
        privilege = Privilege.USER;
    }

    void at(long newTimeNs) {
        timeNs = newTimeNs;
    }

    void by(int newThreadId, String newComm) {
        threadId = newThreadId;
        comm = newComm;
    }

    void touches(long newAddress, Access newAccess, Privilege newPrivilege) {
        address = newAddress;
        access = newAccess;
        privilege = newPrivilege;
    }

    /** What x86's page fault error code says: bit 1 a store, bit 2 in user mode, bit 4 an instruction fetch. */
    void touches(long newAddress, long x86ErrorCode) {
        touches(
                newAddress,
                x86Access((x86ErrorCode & X86_INSTRUCTION_FETCH) != 0, (x86ErrorCode & X86_WRITE) != 0),
                (x86ErrorCode & X86_USER) != 0 ? Privilege.USER : Privilege.KERNEL);
    }

    static Access x86Access(boolean isFetch, boolean isWrite) {
        if (isFetch) {
            return Access.EXECUTE;
        }
        return isWrite ? Access.WRITE : Access.READ;
    }
}
