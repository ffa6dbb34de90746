// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

/** The affinity values that name PEs, and the vCPUs that have them. Stateless. Source: KVM's {@code reset_mpidr}. */
final class Mpidr {
    /** No vCPU has this affinity. */
    static final int NO_VCPU = -1;

    /* Aff3, then Aff2 to Aff0; every other bit says nothing about which PE it is. */
    private static final long AFFINITY = 0xFF_00FF_FFFFL;
    /* 16 PEs share an Aff1, because a software-generated interrupt reaches no more at once. */
    private static final int AFF0_BITS = 4;
    private static final int AFF0_MASK = 0xF;
    private static final int AFF1_SHIFT = 8;
    private static final int AFF1_MASK = 0xFF;

    private Mpidr() {}

    /** The affinity of a vCPU, 0 to 4095. */
    static long of(int vcpuId) {
        return (vcpuId & AFF0_MASK) | (long) (vcpuId >>> AFF0_BITS & AFF1_MASK) << AFF1_SHIFT;
    }

    /** The vCPU of an affinity, or {@link #NO_VCPU}. */
    static int vcpuId(long mpidr) {
        long affinity = mpidr & AFFINITY;
        int vcpuId = (int) ((affinity & AFF0_MASK) | (affinity >>> AFF1_SHIFT & AFF1_MASK) << AFF0_BITS);
        return of(vcpuId) == affinity ? vcpuId : NO_VCPU;
    }
}
