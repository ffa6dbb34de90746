// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance.cases;

import io.faultline.conformance.Case;
import io.faultline.conformance.driver.Check;
import io.faultline.conformance.driver.Deployment;
import io.faultline.conformance.driver.Fault;
import io.faultline.conformance.driver.Guest;
import io.faultline.conformance.driver.Machine;
import io.faultline.proto.vcpu.v1.OutcomeKind;
import io.faultline.proto.vcpu.v1.SyncReason;
import io.faultline.proto.vcpu.v1.VmCounters;

/** C: two faults on one page. */
public final class DuplicateCases {
    private static final int ROUNDS = 8;

    @Case(id = "C1", source = "I8", holds = "A second fault on a page in flight waits for it: one token, one fetch")
    public void aSecondFaultOfTheSameVcpu(Deployment deployment) {
        Machine vm = deployment.machine(0);
        Guest guest = vm.guestWithFaultsOn(0);

        for (int round = 0; round < ROUNDS; round++) {
            VmCounters before = vm.counters();
            Fault[] both = vm.touchTogether(vm.nextPage(), 0, 0);
            if (both[0].first().getKind() == OutcomeKind.OUTCOME_KIND_ASYNC) {
                vm.seesThrough(guest, both[0]);
                if (both[1].end().getSyncReason() == SyncReason.SYNC_REASON_UNSPECIFIED) {
                    both[1].isResident();
                } else {
                    both[1].isSync(SyncReason.SYNC_REASON_DUPLICATE);
                }
                Check.equal(
                        "tokens", before.getTokensIssued() + 1, vm.counters().getTokensIssued());
                Check.equal("fetches", before.getFetches() + 1, vm.counters().getFetches());
            }
        }
        guest.hearsNothing();
    }

    @Case(id = "C2", source = "I8", holds = "Two vCPUs that fault on one page have a token and a page-ready each")
    public void twoVcpus(Deployment deployment) {
        Machine vm = deployment.machine(0, 1);
        Guest first = vm.guestWithFaultsOn(0);
        Guest second = vm.guestWithFaultsOn(1);

        Fault[] both = {};
        for (int round = 0; round < Machine.PAGES && !areAsync(both); round++) {
            both = vm.touchTogether(vm.nextPage(), 0, 1);
        }

        Check.token("the token of vCPU 0", 0x1000, both[0].token());
        Check.token("the token of vCPU 1", 0x1001, both[1].token());
        vm.seesThrough(first, both[0]);
        vm.seesThrough(second, both[1]);
    }

    private static boolean areAsync(Fault... faults) {
        boolean all = faults.length > 0;
        for (Fault fault : faults) {
            all &= fault.first().getKind() == OutcomeKind.OUTCOME_KIND_ASYNC;
        }
        return all;
    }
}
