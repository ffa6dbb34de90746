// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.message;

import io.faultline.model.Access;
import io.faultline.model.Privilege;

/**
 * A guest's fault.
 *
 * @param sequence names it on its stream
 * @param vmId the VM
 * @param vcpuId the vCPU
 * @param gfn the guest frame number
 * @param access read, write or execute
 * @param privilege the mode that the vCPU was in
 * @param prefault whether it must not go asynchronous
 */
public record Touch(
        long sequence, long vmId, int vcpuId, long gfn, Access access, Privilege privilege, boolean prefault) {
    @Override
    public String toString() {
        return "fault " + sequence + " vcpu " + vmId + "/" + vcpuId + " " + access + " gfn " + gfn
                + (privilege == Privilege.KERNEL ? " kernel" : "")
                + (prefault ? " prefault" : "");
    }
}
