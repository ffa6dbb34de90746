// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import io.faultline.model.FailReason;
import io.faultline.proto.vcpu.v1.Fault;
import io.faultline.vcpu.domain.Vcpu;

/** Says for a person why a fault failed, with the offending value. */
final class FaultSentences {
    private FaultSentences() {}

    /** One sentence. */
    static String of(Fault fault, FailReason reason) {
        String vm = "VM " + fault.getVmId();
        String ipa = "ipa: 0x" + Long.toHexString(fault.getIpa());
        return switch (reason) {
            case NO_SUCH_VM -> "vm_id: " + fault.getVmId() + " (expected: a VM registered here)";
            case NO_SUCH_VCPU -> "vcpu_id: " + fault.getVcpuId() + " (expected: a vCPU of " + vm + ")";
            case NO_MEMSLOT -> ipa + " (expected: an address in a memslot of " + vm + ")";
            case READ_ONLY -> ipa + " is in a read-only memslot of " + vm + " (expected: no write)";
            case INVALID -> ipa + " (expected: a fault in range)";
            case PAGE_ABSENT -> ipa + ": the page is in no tier, its contents are lost";
            case PAGE_CORRUPT -> ipa + ": the page's bytes do not match their checksum, its contents are lost";
            case PAGE_UNAVAILABLE -> ipa + ": the tiers stayed unavailable until the fetch's deadline";
            case OVERLOADED ->
                "vcpu_id: " + fault.getVcpuId() + " has faults waiting (expected: at most " + Vcpu.WAITING_FAULTS_MAX
                        + ")";
            case VM_GONE -> vm + " was unregistered, or the service is shutting down";
            case NONE -> "";
        };
    }
}
