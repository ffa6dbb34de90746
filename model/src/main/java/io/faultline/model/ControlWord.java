// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.model;

/**
 * The value a guest enables asynchronous faults with: bits 63..6 the 64-byte aligned address of the shared area, bit 0
 * enabled, bit 1 send-always. Every other bit must be 0. Source: {@code KVM_ASYNC_PF_ENABLED} and its neighbours.
 */
public final class ControlWord {
    /** Asynchronous faults are off. */
    public static final long DISABLED = 0;
    /** Bit 0: asynchronous faults are on. */
    public static final long ENABLED = 1;
    /** Bit 1: also faults of the guest's kernel may go asynchronous. */
    public static final long SEND_ALWAYS = 2;

    private static final long FLAGS = 0x3F;

    private ControlWord() {}

    /** The two 32-bit arguments of the ENABLE hypercall as one word. */
    public static long of(int low, int high) {
        return Integer.toUnsignedLong(high) << 32 | Integer.toUnsignedLong(low);
    }

    /** Whether bit 0 is set. */
    public static boolean isEnabled(long word) {
        return (word & ENABLED) != 0;
    }

    /** Whether bit 1 is set. */
    public static boolean sendsAlways(long word) {
        return (word & SEND_ALWAYS) != 0;
    }

    /** The intermediate physical address of the shared area, in bytes. */
    public static long areaAddress(long word) {
        return word & ~FLAGS;
    }

    /** Whether a word may be stored: 0, or enabled without any reserved bit. */
    public static boolean isValid(long word) {
        return word == DISABLED || (isEnabled(word) && (word & FLAGS & ~(ENABLED | SEND_ALWAYS)) == 0);
    }
}
