// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.message;

import io.faultline.notifier.domain.AreaWords;

/**
 * A guest's call to the notifier.
 *
 * @param kind what it does
 * @param vmId the VM
 * @param vcpuId the vCPU
 * @param callId the guest's number for it, or 0 for one that wants no answer
 * @param function of an SDEI call the function's identifier, else 0
 * @param argument1 of an SDEI call x1
 * @param argument2 of an SDEI call x2
 * @param words of CLEAR_AREA which words
 */
public record Call(
        Kind kind, long vmId, int vcpuId, long callId, int function, long argument1, long argument2, AreaWords words) {
    /** What a call does. */
    public enum Kind {
        ATTACH,
        SDEI,
        CLEAR_AREA,
        ACKNOWLEDGE,
        DETACH
    }

    /** A call that is no SDEI call. */
    public static Call of(Kind kind, long vmId, int vcpuId, long callId) {
        return new Call(kind, vmId, vcpuId, callId, 0, 0, 0, AreaWords.BOTH);
    }

    /** A call that clears words of the area. */
    public static Call clear(long vmId, int vcpuId, AreaWords words) {
        return new Call(Kind.CLEAR_AREA, vmId, vcpuId, 0, 0, 0, 0, words);
    }

    @Override
    public String toString() {
        return kind + " vcpu " + vmId + "/" + vcpuId
                + switch (kind) {
                    case SDEI -> " function 0x" + Integer.toHexString(function);
                    case CLEAR_AREA -> " " + words;
                    case ATTACH, ACKNOWLEDGE, DETACH -> "";
                };
    }
}
