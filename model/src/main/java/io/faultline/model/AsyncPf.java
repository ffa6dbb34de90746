// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.model;

/** The kernel's constants of the asynchronous page fault on arm64. */
public final class AsyncPf {
    /** {@code ASYNC_PF_PER_VCPU}: works of one vCPU that are not dequeued, wake-alls included. */
    public static final int WORKS_PER_VCPU = 64;
    /** The SDEI event that says "page not present" unless the VMM chose another: {@code KVM_SDEI_ASYNC_PF_NUM}. */
    public static final int DEFAULT_SDEI_EVENT = 0x4040_0001;
    /** The PPI that says "page ready" unless the VMM chose another. */
    public static final int DEFAULT_INTERRUPT = 17;
    /** The first private peripheral interrupt. */
    public static final int PPI_MIN = 16;
    /** The last private peripheral interrupt. */
    public static final int PPI_MAX = 31;
    /** VERSION's answer: 1.0.0. */
    public static final int VERSION = 0x01_0000;

    private AsyncPf() {}
}
