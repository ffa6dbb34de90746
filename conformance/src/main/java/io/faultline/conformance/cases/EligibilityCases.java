// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance.cases;

import io.faultline.conformance.Case;
import io.faultline.conformance.driver.Check;
import io.faultline.conformance.driver.Deployment;
import io.faultline.conformance.driver.Fault;
import io.faultline.conformance.driver.Guest;
import io.faultline.conformance.driver.Machine;
import io.faultline.conformance.driver.NotOffered;
import io.faultline.conformance.driver.Owner;
import io.faultline.conformance.driver.SdeiCall;
import io.faultline.conformance.driver.Touch;
import io.faultline.proto.notifier.v1.AreaWords;
import io.faultline.proto.notifier.v1.Refusal;
import io.faultline.proto.vcpu.v1.FailReason;
import io.faultline.proto.vcpu.v1.SyncReason;

/** B: when a fault may go asynchronous. */
public final class EligibilityCases {
    private static final long SEND_ALWAYS = 2;
    private static final int WORKS = 64;

    @Case(id = "B1", source = "I5", holds = "Disabled: a fault is synchronous and costs no token")
    public void disabledIsSynchronous(Deployment deployment) {
        Machine vm = deployment.machine(0);
        Guest guest = vm.guest(0);

        vm.goesSync(0, SyncReason.SYNC_REASON_DISABLED);

        guest.hearsNothing();
        Check.equal("tokens issued", 0, vm.counters().getTokensIssued());
        vm.enables(0);
        guest.hearsWakeAll();
        Check.token("the first token", 0x1000, vm.goesAsync(0).token());
    }

    @Case(id = "B2", source = "I5", holds = "Enabled for user mode: a fault of the guest's kernel is synchronous")
    public void kernelModeIsSynchronous(Deployment deployment) {
        Machine vm = deployment.machine(0);
        Guest guest = vm.guestWithFaultsOn(0);

        vm.goesSync(0, Touch.KERNEL_READ, SyncReason.SYNC_REASON_KERNEL_MODE);

        guest.hearsNothing();
    }

    @Case(id = "B3", source = "5.6", holds = "SEND_ALWAYS: a fault of the guest's kernel goes asynchronous")
    public void sendAlwaysIncludesTheKernel(Deployment deployment) {
        Machine vm = deployment.machine(0);
        Guest guest = vm.guest(0);
        if (vm.enable(0, Machine.controlWord(0) | SEND_ALWAYS) != 0) {
            throw new NotOffered("ENABLE refuses SEND_ALWAYS, as the ABI of 2026 does");
        }
        guest.hearsWakeAll();

        vm.seesThrough(guest, vm.goesAsync(0, Touch.KERNEL_READ));
    }

    @Case(id = "B4", source = "I5 I33", holds = "No in-kernel irqchip: ENABLE is NOT_SUPPORTED, faults are synchronous")
    public void withoutAnIrqchip(Deployment deployment) {
        Machine vm = deployment.machineWithoutIrqchip();
        Guest guest = vm.guest(0);

        Check.equal("ENABLE", -1, vm.enable(0, Machine.controlWord(0)));

        vm.goesSync(0, SyncReason.SYNC_REASON_NO_IRQCHIP);
        guest.hearsNothing();
    }

    @Case(id = "B5", source = "I5", holds = "An SDEI handler runs: a fault on another page is synchronous")
    public void aRunningHandler(Deployment deployment) {
        Machine vm = deployment.machine(0);
        Guest guest = vm.guestWithFaultsOn(0);
        Fault told = vm.tells(guest, 0);

        vm.goesSync(0, SyncReason.SYNC_REASON_EVENT_RUNNING);

        guest.parks();
        guest.hearsReady(told.token());
    }

    @Case(id = "B6", source = "I5 I12", holds = "PE masked: a fault is synchronous, and the area stays free")
    public void aMaskedPe(Deployment deployment) {
        Machine vm = deployment.machine(0);
        Guest guest = vm.guestWithFaultsOn(0);
        Check.equal("PE_MASK", 1, guest.sdei(SdeiCall.PE_MASK));

        vm.goesSync(0, SyncReason.SYNC_REASON_PE_MASKED);

        guest.hearsNothing();
        Check.equal("PE_UNMASK", 0, guest.sdei(SdeiCall.PE_UNMASK));
        vm.seesThrough(guest, vm.goesAsync(0));
    }

    @Case(
            id = "B7",
            source = "I5",
            holds = "Event disabled or unregistered: a fault is synchronous, the area stays free")
    public void anEventThatIsNotEnabled(Deployment deployment) {
        Machine vm = deployment.machine(0);
        Guest guest = vm.guestWithFaultsOn(0);

        Check.equal("EVENT_DISABLE", 0, guest.sdei(SdeiCall.EVENT_DISABLE, Guest.EVENT));
        vm.goesSync(0, SyncReason.SYNC_REASON_EVENT_DISABLED);
        Check.equal("EVENT_UNREGISTER", 0, guest.sdei(SdeiCall.EVENT_UNREGISTER, Guest.EVENT));
        vm.goesSync(0, SyncReason.SYNC_REASON_EVENT_UNREGISTERED);

        guest.hearsNothing();
        guest.boots();
        vm.seesThrough(guest, vm.goesAsync(0));
    }

    @Case(id = "B8", source = "I5 I9", holds = "The area still says {1, token}: a fault is synchronous")
    public void anAreaThatIsNotCleared(Deployment deployment) {
        Machine vm = deployment.machine(0);
        Guest guest = vm.guestWithFaultsOn(0);
        Fault told = vm.tells(guest, 0);
        guest.completes();

        vm.goesSync(0, SyncReason.SYNC_REASON_AREA_BUSY);

        guest.hearsNothing();
        guest.clears();
        guest.hearsReady(told.token());
    }

    @Case(id = "B9", source = "I5", holds = "One word of the area cleared, the other not: a fault is synchronous")
    public void anAreaThatIsHalfCleared(Deployment deployment) {
        Machine vm = deployment.machine(0);
        Guest guest = vm.guestWithFaultsOn(0);
        Fault told = vm.tells(guest, 0);
        guest.clears(AreaWords.AREA_WORDS_REASON);
        guest.resumes();

        vm.goesSync(0, SyncReason.SYNC_REASON_AREA_BUSY);

        guest.hearsNothing();
        guest.clears(AreaWords.AREA_WORDS_TOKEN);
        guest.hearsReady(told.token());
    }

    @Case(
            id = "B11",
            source = "I5",
            holds = "The area's memory is gone: a fault is synchronous, the guest sees no error")
    public void anAreaWithoutMemory(Deployment deployment) {
        Machine vm = deployment.machine(0);
        Guest guest = vm.guestWithFaultsOn(0);

        vm.setMemslot(Machine.areaSlot().setPages(0));
        vm.goesSync(0, SyncReason.SYNC_REASON_AREA_UNREADABLE);

        guest.hearsNothing();
        vm.setMemslot(Machine.areaSlot());
        vm.seesThrough(guest, vm.goesAsync(0));
    }

    @Case(id = "B12", source = "I7", holds = "A prefault of a missing page is synchronous")
    public void aPrefault(Deployment deployment) {
        Machine vm = deployment.machine(0);
        Guest guest = vm.guestWithFaultsOn(0);

        vm.goesSync(0, Touch.PREFAULT, SyncReason.SYNC_REASON_PREFAULT);

        guest.hearsNothing();
    }

    @Case(id = "B13", source = "T0", holds = "A resident page is mapped at once, without a token or a fetch")
    public void aResidentPage(Deployment deployment) {
        Machine vm = deployment.machine(0);
        Guest guest = vm.guestWithFaultsOn(0);
        Fault first = vm.goesAsync(0);
        vm.seesThrough(guest, first);
        long fetches = vm.counters().getFetches();

        vm.touches(0, first.page(), Touch.READ).isResident();

        guest.hearsNothing();
        Check.equal("tokens issued", 1, vm.counters().getTokensIssued());
        Check.equal("fetches", fetches, vm.counters().getFetches());
    }

    @Case(id = "B14", source = "2.2", holds = "An address in no memslot: the fault fails, without a work")
    public void anAddressOutsideTheMemslots(Deployment deployment) {
        Machine vm = deployment.machine(0);
        Guest guest = vm.guestWithFaultsOn(0);

        vm.touchesBeyond().fails(FailReason.FAIL_REASON_NO_MEMSLOT);

        guest.hearsNothing();
        Check.equal("tokens issued", 0, vm.counters().getTokensIssued());
        Check.equal("faults in flight", 0, vm.counters().getFaultsInFlight());
    }

    @Case(id = "B15", source = "I6", holds = "64 tokens are outstanding: a 65th is refused until one has ended")
    public void theLimitOfOutstandingTokens(Deployment deployment) {
        Owner host = deployment.owner(0);
        Guest guest = host.guestWithFaultsOn();
        int first = host.parks(guest);
        for (int outstanding = 1; outstanding < WORKS; outstanding++) {
            host.parks(guest);
        }

        host.isRefused(Refusal.REFUSAL_LIMIT);
        guest.hearsNothing();

        host.completes(first);
        guest.hearsReady(first);
        host.isReady(first);
        guest.wakes();
        host.parks(guest);
    }
}
