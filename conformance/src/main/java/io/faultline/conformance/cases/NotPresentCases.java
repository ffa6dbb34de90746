// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance.cases;

import io.faultline.conformance.Case;
import io.faultline.conformance.driver.Check;
import io.faultline.conformance.driver.Deployment;
import io.faultline.conformance.driver.Fault;
import io.faultline.conformance.driver.Guest;
import io.faultline.conformance.driver.Machine;
import io.faultline.conformance.driver.Owner;
import io.faultline.model.Token;
import io.faultline.proto.notifier.v1.VerdictKind;
import io.faultline.proto.vcpu.v1.Resolution;
import java.util.HashSet;
import java.util.Set;

/** D: "page not present". */
public final class NotPresentCases {
    private static final int FAULTS = 20;

    @Case(
            id = "D1",
            source = "I10",
            holds = "The area never says {1, …} with a token that is 0, old or another fault's")
    public void everyTokenIsItsFaults(Deployment deployment) {
        Machine vm = deployment.machine(0);
        Guest guest = vm.guestWithFaultsOn(0);
        Set<Integer> seen = new HashSet<>();

        for (int i = 0; i < FAULTS; i++) {
            Fault told = vm.tells(guest, 0);
            Check.that(
                    "a token other than 0 and not seen before",
                    told.token() != 0 && seen.add(told.token()),
                    Token.format(told.token()));
            guest.parks();
            guest.hearsReady(told.token());
            guest.wakes();
        }
        guest.hearsNothing();
    }

    @Case(id = "D2", source = "I10", holds = "After the first fault of vCPU 5 its area is {1, 0x1005}")
    public void theAreaOfVcpu5(Deployment deployment) {
        Owner host = deployment.owner(5);
        Guest guest = host.guestWithFaultsOn();

        host.publishes(0x1005);

        guest.isTold(0x1005);
    }

    @Case(id = "D3", source = "I11", holds = "A completion before its publication has no effect")
    public void aCompletionThatIsTooEarly(Deployment deployment) {
        Owner host = deployment.owner(0);
        Guest guest = host.guestWithFaultsOn();
        int token = host.newToken();

        host.says(host.complete(token), host.publish(token));

        host.hears(VerdictKind.VERDICT_KIND_UNKNOWN, token);
        host.hears(VerdictKind.VERDICT_KIND_ACCEPTED, token);
        guest.isTold(token);
        guest.parks();
        guest.hearsNothing();
    }

    @Case(id = "D5", source = "I13 I15", holds = "Once told, and before it clears, a guest's token is not taken back")
    public void whatWasToldIsNotPending(Deployment deployment) {
        Owner host = deployment.owner(0);
        Guest guest = host.guestWithFaultsOn();
        int token = host.tells(guest);

        host.completes(token);

        host.hearsNothing();
        guest.parks();
        guest.hearsReady(token);
        host.isReady(token);
    }

    @Case(
            id = "D8",
            source = "I44",
            holds = "A handler that completes with FAILED loses no fault and leaves the area free")
    public void aHandlerThatRefuses(Deployment deployment) {
        Machine vm = deployment.machine(0);
        Guest guest = vm.guestWithFaultsOn(0);
        Fault refused = vm.tells(guest, 0);

        guest.refuses();

        guest.hearsReady(refused.token());
        refused.resolves(Resolution.RESOLUTION_READY);
        guest.wakes();
        vm.seesThrough(guest, vm.goesAsync(0));
    }
}
