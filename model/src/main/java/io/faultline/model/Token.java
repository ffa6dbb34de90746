// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.model;

/**
 * Names one in-flight asynchronous fault to its guest: {@code sequence << 12 | vcpu}, 32 bits. 0 is reserved (a free
 * shared area reads 0) and ~0 wakes every parked task of a vCPU. Source: {@code kvm_arch_setup_async_pf} and its fix
 * 6f3c1fc53d86.
 */
public final class Token {
    /** Never a token: the shared area's free value. */
    public static final int NONE = 0;
    /** Page-ready with this token wakes every task parked on the vCPU. */
    public static final int WAKE_ALL = 0xFFFF_FFFF;
    /** The largest vCPU id: a token has 12 bits for it. */
    public static final int VCPU_ID_MAX = 0xFFF;
    /** The largest sequence number: a token has 20 bits for it. */
    public static final int SEQUENCE_MAX = 0xF_FFFF;

    private static final int VCPU_BITS = 12;

    private Token() {}

    /**
     * The token of a sequence number, 1 to {@link #SEQUENCE_MAX}, and a vCPU, 0 to {@link #VCPU_ID_MAX}. The one pair
     * that would read as {@link #WAKE_ALL} is the caller's to skip: see {@link #isIssuable}.
     */
    public static int of(int sequence, int vcpuId) {
        return sequence << VCPU_BITS | vcpuId;
    }

    /** Whether a token may name a work: neither 0 (nor sequence 0, which wraps to it) nor the wake-all value. */
    public static boolean isIssuable(int token) {
        return sequence(token) != 0 && token != WAKE_ALL;
    }

    /** The vCPU that a token belongs to. */
    public static int vcpuId(int token) {
        return token & VCPU_ID_MAX;
    }

    /** The sequence number inside a token, 0 to {@link #SEQUENCE_MAX}. */
    public static int sequence(int token) {
        return token >>> VCPU_BITS;
    }

    /** A token as the kernel's traces print it. */
    public static String format(int token) {
        return "0x" + Integer.toHexString(token);
    }
}
