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
import io.faultline.conformance.driver.SdeiCall;
import io.faultline.model.Token;
import io.faultline.proto.notifier.v1.VerdictKind;
import io.faultline.proto.vcpu.v1.Outcome;
import io.faultline.proto.vcpu.v1.Resolution;
import io.faultline.proto.vcpu.v1.VcpuState;
import java.util.HashSet;
import java.util.Set;

/** G: on, off, wake-all, and moving elsewhere. */
public final class LifecycleCases {
    private static final int ROUNDS = 20;
    private static final long REGISTERED_AND_ENABLED = 3;

    @Case(id = "G1", source = "I28", holds = "Enabling wakes all: page-ready with the token 0xffffffff")
    public void enablingWakesAll(Deployment deployment) {
        Machine vm = deployment.machine(0);
        Guest guest = vm.guest(0);
        guest.hearsNothing();

        for (int i = 0; i < 2; i++) {
            vm.enables(0);
            guest.hearsReady(Token.WAKE_ALL);
            guest.wakes();
            guest.hearsNothing();
            vm.disables(0);
        }
    }

    @Case(id = "G2", source = "I41", holds = "Wake-all on vCPU 0 is none on vCPU 1")
    public void aWakeAllIsOneVcpus(Deployment deployment) {
        Machine vm = deployment.machine(0, 1);
        Guest first = vm.guestWithFaultsOn(0);
        Guest second = vm.guestWithFaultsOn(1);
        Fault told = vm.tells(second, 1);

        vm.disables(0);
        vm.enables(0);

        first.hearsWakeAll();
        second.hearsNothing();
        second.parks();
        second.hearsReady(told.token());
    }

    @Case(id = "G3", source = "2.5", holds = "Wake-all while completions wait: no broadcast, the completions come")
    public void aWakeAllBehindCompletions(Deployment deployment) {
        Owner host = deployment.owner(0);
        Guest guest = host.guestWithFaultsOn();
        int token = host.tells(guest);
        host.completes(token);

        host.says(host.wakeAll());

        host.hears(VerdictKind.VERDICT_KIND_ALREADY, Token.WAKE_ALL);
        guest.parks();
        guest.hearsReady(token);
        host.isReady(token);
        guest.wakes();
        guest.hearsNothing();
    }

    @Case(id = "G4", source = "5.4", holds = "Wake-all ends no token: the page that is in flight is ready later")
    public void aWakeAllEndsNoToken(Deployment deployment) {
        Owner host = deployment.owner(0);
        Guest guest = host.guestWithFaultsOn();
        int token = host.parks(guest);

        host.says(host.wakeAll());
        guest.hearsWakeAll();
        host.isReady(Token.WAKE_ALL);

        host.completes(token);
        guest.hearsReady(token);
        host.isReady(token);
    }

    @Case(id = "G7", source = "I29", holds = "Disabling drops the area, the interrupt and every token, for good")
    public void disablingDropsEverything(Deployment deployment) {
        Owner host = deployment.owner(0);
        Guest guest = host.guestWithFaultsOn();
        int ready = host.parks(guest);
        int waiting = host.parks(guest);
        host.completes(ready);
        guest.hearsReady(ready);
        host.isReady(ready);
        host.completes(waiting);

        host.disarms();

        host.completes(waiting);
        host.hears(VerdictKind.VERDICT_KIND_UNKNOWN, waiting);
        Check.equal("IRQ_ACK", 0, guest.acknowledges());
        guest.hearsNothing();
        host.arms();
        host.says(host.stale(host.publish(waiting)), host.stale(host.complete(ready)));
        host.hears(VerdictKind.VERDICT_KIND_STALE, waiting);
        host.hears(VerdictKind.VERDICT_KIND_STALE, ready);
        guest.hearsNothing();
        host.parks(guest);
    }

    @Case(id = "G8", source = "I30", holds = "A VM's end ends its faults, and its guest hears nothing afterwards")
    public void destruction(Deployment deployment) {
        Machine vm = deployment.machine(0);
        Guest guest = vm.guestWithFaultsOn(0);
        Fault told = vm.tells(guest, 0);

        vm.unregisters();

        told.end();
        guest.isDetached();
        Check.equal("an SDEI call of a vCPU that is gone", SdeiCall.DENIED, guest.sdei(SdeiCall.PE_UNMASK));
        Check.that("NOT_FOUND for the VM", !vm.isKnown(), "a VM");
    }

    @Case(
            id = "G9",
            source = "I24 I30",
            holds = "Faults that race with disabling end once, and no token is heard afterwards")
    public void disablingUnderFaults(Deployment deployment) {
        Machine vm = deployment.machine(0);
        Guest guest = vm.guestWithFaultsOn(0);
        Set<Integer> seen = new HashSet<>();

        for (int round = 0; round < ROUNDS; round++) {
            Fault fault = vm.goesAsync(0);
            Check.that("a token that was not seen before", seen.add(fault.token()), Token.format(fault.token()));
            vm.disables(0);
            Outcome end = fault.end();
            Check.that("RESOLVED", end.getResolution() != Resolution.RESOLUTION_UNSPECIFIED, end);
            vm.enables(0);
            guest.handlesUntilWakeAll(fault.token());
            guest.hearsNothing();
        }
    }

    @Case(id = "G17", source = "I32", holds = "A guest moves: its SDEI state is kept, wake-all comes, tokens are new")
    public void migration(Deployment deployment) {
        Machine source = deployment.machine(0);
        Guest before = source.guestWithFaultsOn(0);
        Fault left = source.tells(before, 0);
        before.parks();
        before.hearsReady(left.token());

        VcpuState state = source.exports(0);
        Machine target = deployment.machine(0);
        target.imports(0, state);
        Guest after = target.attaches(0);

        after.hearsWakeAll();
        Check.equal("EVENT_STATUS", REGISTERED_AND_ENABLED, after.sdei(SdeiCall.EVENT_STATUS, Guest.EVENT));
        Check.equal("what is exported again", state, target.exports(0));
        target.seesThrough(after, target.goesAsync(0));
    }

    @Case(id = "G20", source = "I29", holds = "A reset turns asynchronous faults off and keeps the numbers of the VMM")
    public void reset(Deployment deployment) {
        Machine vm = deployment.machine(0);
        Guest guest = vm.guestWithFaultsOn(0);
        vm.tells(guest, 0);

        vm.resets(0);

        Check.equal("GET_CONTROL", 0, vm.gets(0, ControlCases.GET_CONTROL));
        Check.equal("GET_IRQ", 17, vm.gets(0, ControlCases.GET_IRQ));
        Check.equal("GET_SDEI", Guest.EVENT, vm.gets(0, ControlCases.GET_SDEI));
        Check.equal("EVENT_STATUS", 0, guest.sdei(SdeiCall.EVENT_STATUS, Guest.EVENT));
        guest.hearsNothing();
        guest.boots();
        vm.enables(0);
        guest.hearsWakeAll();
        vm.seesThrough(guest, vm.goesAsync(0));
    }
}
