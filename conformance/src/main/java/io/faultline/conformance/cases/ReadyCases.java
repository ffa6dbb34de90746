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
import io.faultline.conformance.driver.Touch;
import io.faultline.proto.notifier.v1.Refusal;
import io.faultline.proto.notifier.v1.VerdictKind;
import io.faultline.proto.vcpu.v1.FailReason;
import io.faultline.proto.vcpu.v1.Resolution;
import io.faultline.proto.vcpu.v1.SyncReason;

/** F: "page ready" and its acknowledgement. */
public final class ReadyCases {
    private static final int FAULTS = 20;

    @Case(id = "F1", source = "I18 I21", holds = "When page-ready comes, the page is mapped: the task's retry finds it")
    public void mappedBeforeReady(Deployment deployment) {
        Machine vm = deployment.machine(0);
        Guest guest = vm.guestWithFaultsOn(0);

        for (int i = 0; i < FAULTS; i++) {
            Fault told = vm.tells(guest, 0);
            guest.parks();
            guest.hearsReady(told.token());
            vm.touches(0, told.page(), Touch.READ).isResident();
            guest.wakes();
        }
        guest.hearsNothing();
    }

    @Case(id = "F2", source = "I19", holds = "Page-ready comes in the order in which the pages came: 3, 1, 2")
    public void inTheOrderOfCompletion(Deployment deployment) {
        Owner host = deployment.owner(0);
        Guest guest = host.guestWithFaultsOn();
        int[] tokens = {host.parks(guest), host.parks(guest), host.parks(guest)};

        for (int which : new int[] {2, 0, 1}) {
            host.completes(tokens[which]);
        }

        for (int which : new int[] {2, 0, 1}) {
            guest.hearsReady(tokens[which]);
            host.isReady(tokens[which]);
            guest.wakes();
        }
        guest.hearsNothing();
    }

    @Case(
            id = "F3",
            source = "I20",
            holds = "Three pages before the first acknowledgement: one interrupt, each ACK brings the next")
    public void oneInterruptAtATime(Deployment deployment) {
        Owner host = deployment.owner(0);
        Guest guest = host.guestWithFaultsOn();
        int[] tokens = {host.parks(guest), host.parks(guest), host.parks(guest)};
        host.says(host.complete(tokens[0]), host.complete(tokens[1]), host.complete(tokens[2]));

        for (int token : tokens) {
            guest.hearsReady(token);
            host.isReady(token);
            guest.hearsNothing();
            guest.clears();
            guest.hearsNothing();
            Check.equal("IRQ_ACK", 0, guest.acknowledges());
        }
        guest.hearsNothing();
        host.hearsNothing();
    }

    @Case(id = "F4", source = "I22", holds = "An acknowledgement with nothing pending returns 0 and changes nothing")
    public void anAcknowledgementOfNothing(Deployment deployment) {
        Owner host = deployment.owner(0);
        Guest guest = host.guestWithFaultsOn();

        Check.equal("IRQ_ACK", 0, guest.acknowledges());
        int token = host.tells(guest);
        Check.equal("IRQ_ACK", 0, guest.acknowledges());

        guest.hearsNothing();
        host.isRefused(Refusal.REFUSAL_EVENT_RUNNING);
        guest.parks();
        host.completes(token);
        guest.hearsReady(token);
    }

    @Case(
            id = "F6",
            source = "I5 I20",
            holds = "Cleared but not acknowledged: a fault is synchronous, and no page-ready is lost")
    public void betweenClearAndAcknowledge(Deployment deployment) {
        Machine vm = deployment.machine(0);
        Guest guest = vm.guestWithFaultsOn(0);
        Fault told = vm.tells(guest, 0);
        guest.parks();
        guest.hearsReady(told.token());
        guest.clears();

        vm.goesSync(0, SyncReason.SYNC_REASON_READY_UNACKNOWLEDGED);

        Check.equal("IRQ_ACK", 0, guest.acknowledges());
        guest.hearsNothing();
        vm.seesThrough(guest, vm.goesAsync(0));
    }

    @Case(id = "F7", source = "I17", holds = "The completion of a publication that was refused brings no page-ready")
    public void aRefusedPublicationIsNeverReady(Deployment deployment) {
        Owner host = deployment.owner(0);
        Guest guest = host.guestWithFaultsOn();
        int told = host.tells(guest);
        int refused = host.newToken();
        host.says(host.publish(refused), host.complete(refused));

        host.hears(VerdictKind.VERDICT_KIND_REFUSED, refused);
        host.hears(VerdictKind.VERDICT_KIND_UNKNOWN, refused);

        guest.parks();
        guest.hearsNothing();
        host.completes(told);
        guest.hearsReady(told);
        guest.wakes();
        guest.hearsNothing();
    }

    @Case(
            id = "F9",
            source = "5.4",
            holds = "The memslot goes while its page is in flight: page-ready comes, the retry fails")
    public void theMemslotIsDeleted(Deployment deployment) {
        Machine vm = deployment.machine(0);
        Guest guest = vm.guestWithFaultsOn(0);
        Fault told = vm.tells(guest, 0);

        vm.setMemslot(Machine.ramSlot().setPages(0));

        guest.parks();
        guest.hearsReady(told.token());
        guest.wakes();
        vm.touches(0, told.page(), Touch.READ).fails(FailReason.FAIL_REASON_NO_MEMSLOT);
        guest.hearsNothing();
    }

    @Case(
            id = "F10",
            source = "5.4",
            holds = "The memslot turns read-only under a write: page-ready comes, the retry fails")
    public void theMemslotBecomesReadOnly(Deployment deployment) {
        Machine vm = deployment.machine(0);
        Guest guest = vm.guestWithFaultsOn(0);
        Fault told = vm.tells(guest, 0, Touch.WRITE);

        vm.setMemslot(Machine.ramSlot().setReadOnly(true));

        guest.parks();
        guest.hearsReady(told.token());
        guest.wakes();
        vm.touches(0, told.page(), Touch.WRITE).fails(FailReason.FAIL_REASON_READ_ONLY);
        guest.hearsNothing();
    }

    @Case(
            id = "F12",
            source = "I43",
            holds = "A guest that knows no such token clears and acknowledges: the next page-ready comes")
    public void aTokenThatTheGuestDoesNotKnow(Deployment deployment) {
        Machine vm = deployment.machine(0);
        Guest guest = vm.guestWithFaultsOn(0);
        Fault refused = vm.tells(guest, 0);
        guest.refuses();
        guest.hearsReady(refused.token());
        guest.wakes();

        Fault told = vm.tells(guest, 0);

        guest.parks();
        guest.hearsReady(told.token());
        guest.wakes();
        told.resolves(Resolution.RESOLUTION_READY);
        guest.hearsNothing();
    }
}
