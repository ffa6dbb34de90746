// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance.cases;

import io.faultline.conformance.Case;
import io.faultline.conformance.driver.Check;
import io.faultline.conformance.driver.Deployment;
import io.faultline.conformance.driver.Fault;
import io.faultline.conformance.driver.Guest;
import io.faultline.conformance.driver.Machine;
import io.grpc.Status;

/** A: what a token looks like. */
public final class TokenCases {
    @Case(id = "A1", source = "I1 I4", holds = "The first token of vCPU 0 is 0x1000, not 0")
    public void theFirstTokenIsNot0(Deployment deployment) {
        Machine vm = deployment.machine(0);
        Guest guest = vm.guestWithFaultsOn(0);

        Fault fault = vm.goesAsync(0);

        Check.token("the first token", 0x1000, fault.token());
        vm.seesThrough(guest, fault);
    }

    @Case(id = "A2", source = "I4", holds = "The low 12 bits of a token are its vCPU, the others count")
    public void aTokenCountsAndNamesItsVcpu(Deployment deployment) {
        Machine vm = deployment.machine(5);
        Guest guest = vm.guestWithFaultsOn(5);

        for (int token : new int[] {0x1005, 0x2005, 0x3005}) {
            Fault fault = vm.goesAsync(5);
            Check.token("the token", token, fault.token());
            vm.seesThrough(guest, fault);
        }
    }

    @Case(id = "A3", source = "I3", holds = "Two vCPUs count apart, and their tokens differ")
    public void vcpusCountApart(Deployment deployment) {
        Machine vm = deployment.machine(1, 2);
        Guest first = vm.guestWithFaultsOn(1);
        Guest second = vm.guestWithFaultsOn(2);

        Fault one = vm.goesAsync(1);
        Fault other = vm.goesAsync(2);

        Check.token("the token of vCPU 1", 0x1001, one.token());
        Check.token("the token of vCPU 2", 0x1002, other.token());
        vm.seesThrough(first, one);
        vm.seesThrough(second, other);
    }

    @Case(id = "A9", source = "I4", holds = "A vCPU 4096 is refused: a token has 12 bits for it")
    public void aVcpuThatNoTokenCanName(Deployment deployment) {
        Check.equal("RegisterVm with vCPU 4096", Status.Code.INVALID_ARGUMENT, deployment.refusedMachine(4_096));

        Machine vm = deployment.machine(4_095);
        Guest guest = vm.guestWithFaultsOn(4_095);
        Fault fault = vm.goesAsync(4_095);

        Check.token("the first token of vCPU 4095", 0x1FFF, fault.token());
        vm.seesThrough(guest, fault);
    }
}
