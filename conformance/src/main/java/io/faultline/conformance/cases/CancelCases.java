// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance.cases;

import io.faultline.conformance.Case;
import io.faultline.conformance.driver.Deployment;
import io.faultline.conformance.driver.Guest;
import io.faultline.conformance.driver.Owner;
import io.faultline.proto.notifier.v1.VerdictKind;

/** E: the page that comes early. */
public final class CancelCases {
    @Case(
            id = "E1",
            source = "I16",
            holds = "A page before its notification: cancelled, the guest hears nothing, the area is free")
    public void thePageIsFirst(Deployment deployment) {
        Owner host = deployment.owner(0);
        Guest guest = host.guestWithFaultsOn();
        int token = host.newToken();

        host.says(host.publish(token), host.complete(token));

        host.hears(VerdictKind.VERDICT_KIND_ACCEPTED, token);
        host.seesThrough(token, guest);
        guest.hearsNothing();
        host.parks(guest);
    }

    @Case(id = "E2", source = "I15", holds = "A page after its notification: page-ready, once the area is cleared")
    public void theNotificationIsFirst(Deployment deployment) {
        Owner host = deployment.owner(0);
        Guest guest = host.guestWithFaultsOn();
        int token = host.tells(guest);

        host.completes(token);
        host.hearsNothing();
        guest.hearsNothing();
        guest.parks();

        guest.hearsReady(token);
        host.isReady(token);
        guest.wakes();
        guest.hearsNothing();
    }

    @Case(
            id = "E3",
            source = "I9 I19",
            holds = "A page-ready waits while the area says that another page is not present")
    public void anotherNotificationHoldsTheArea(Deployment deployment) {
        Owner host = deployment.owner(0);
        Guest guest = host.guestWithFaultsOn();
        int parked = host.parks(guest);
        int told = host.tells(guest);

        host.completes(parked);
        host.hearsNothing();
        guest.hearsNothing();
        guest.parks();

        guest.hearsReady(parked);
        host.isReady(parked);
        guest.wakes();
        host.completes(told);
        guest.hearsReady(told);
        host.isReady(told);
    }

    @Case(
            id = "E5",
            source = "I16 I19",
            holds = "The later page comes first: it is cancelled silently, the earlier is ready")
    public void theLaterPageIsFirst(Deployment deployment) {
        Owner host = deployment.owner(0);
        Guest guest = host.guestWithFaultsOn();
        int parked = host.parks(guest);
        int pending = host.newToken();

        host.says(host.publish(pending), host.complete(pending), host.complete(parked));

        host.hears(VerdictKind.VERDICT_KIND_ACCEPTED, pending);
        host.seesThrough(pending, guest);
        guest.hearsReady(parked);
        host.isReady(parked);
        guest.wakes();
        guest.hearsNothing();
    }

    @Case(id = "E6", source = "I15", holds = "A running handler's token is not cancelled: page-ready follows")
    public void aRunningHandlerIsNotCancelled(Deployment deployment) {
        Owner host = deployment.owner(0);
        Guest guest = host.guestWithFaultsOn();
        int token = host.tells(guest);

        host.completes(token);
        guest.clears();

        host.isReady(token);
        guest.hearsReady(token);
        guest.resumes();
        guest.wakes();
    }
}
