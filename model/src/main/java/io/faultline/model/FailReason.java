// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.model;

/** Why a fault ended with nothing mapped. Codes are the numbers on the wire. */
public enum FailReason {
    /** Not said. */
    NONE(0),
    /** No such VM is registered here. */
    NO_SUCH_VM(1),
    /** The VM has no such vCPU. */
    NO_SUCH_VCPU(2),
    /** The address lies in no memslot: device memory, or a stray access. */
    NO_MEMSLOT(3),
    /** A write to a read-only memslot. */
    READ_ONLY(4),
    /** A field of the fault is out of range; detail says which. */
    INVALID(5),
    /** The page is in no tier: it is lost, and the page is poisoned. */
    PAGE_ABSENT(6),
    /** The page's bytes do not match their checksum: the page is poisoned. */
    PAGE_CORRUPT(7),
    /** The tiers stayed unavailable until the fault's deadline; the page may still come on a later fault. */
    PAGE_UNAVAILABLE(8),
    /** Too many faults of this vCPU wait already. */
    OVERLOADED(9),
    /** The VM was unregistered, or the service is shutting down. */
    VM_GONE(10);

    private static final FailReason[] BY_CODE = values();

    private final int code;

    FailReason(int code) {
        this.code = code;
    }

    /** The number that stands for this on the wire. */
    public int code() {
        return code;
    }

    /**
     * The constant of a wire number.
     *
     * @throws IllegalArgumentException for a number that this release does not know
     */
    public static FailReason of(int code) {
        if (code < 0 || code >= BY_CODE.length) {
            throw new IllegalArgumentException(
                    "FailReason: " + code + " (expected: 0 to " + (BY_CODE.length - 1) + ")");
        }
        return BY_CODE[code];
    }
}
