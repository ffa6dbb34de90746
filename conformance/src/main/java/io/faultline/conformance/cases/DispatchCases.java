// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance.cases;

import io.faultline.conformance.Case;
import io.faultline.conformance.driver.Check;
import io.faultline.conformance.driver.Deployment;
import io.faultline.conformance.driver.Guest;
import io.faultline.conformance.driver.Owner;
import io.faultline.conformance.driver.SdeiCall;
import io.faultline.proto.notifier.v1.CpuContext;
import io.faultline.proto.notifier.v1.HostEvent;
import io.faultline.proto.notifier.v1.SdeiEventState;
import io.faultline.proto.notifier.v1.SdeiState;

/** H: when SDEI's handlers run, what they interrupt, and what they return to. */
public final class DispatchCases {
    private static final int SIGNALLED = 0;
    private static final int RUNNING_ENABLED = 7;
    private static final int REGISTERS = 18;
    private static final long INVALID = SdeiCall.INVALID_PARAMETERS;
    private static final long DENIED = SdeiCall.DENIED;
    /** EL1 with its own stack pointer, and D, A, I and F masked. */
    private static final long EL1H_MASKED = 0x3C5;

    @Case(
            id = "H5",
            source = "I35 I37",
            holds = "A critical handler runs: a normal event is pending, and dispatched when it completes")
    public void aCriticalHandlerIsNotPreempted(Deployment deployment) {
        Owner host = deployment.owner(0);
        Guest guest = host.guestWithFaultsOn();
        takesSignals(guest);
        host.tells(guest);

        signals(guest);

        guest.hearsNothing();
        guest.parks();
        guest.isDispatched(SIGNALLED);
    }

    @Case(
            id = "H6",
            source = "I39",
            holds = "Handlers complete last in, first out: to the normal handler, then to what it interrupted")
    public void nestedHandlers(Deployment deployment) {
        Owner host = deployment.owner(0);
        CpuContext task = context(1);
        CpuContext normalHandler = context(2);
        host.importsSdei(SdeiState.newBuilder()
                .setAsyncPfEvent(Guest.EVENT)
                .addEvents(running(SIGNALLED, task))
                .addEvents(running(Guest.EVENT, normalHandler))
                .build());
        Guest guest = host.attaches();

        Check.equal(
                "what the critical handler returns to",
                normalHandler,
                guest.completes().getContext());
        Check.equal(
                "what the normal handler returns to", task, guest.completes().getContext());
        Check.equal("COMPLETE outside a handler", DENIED, guest.sdei(SdeiCall.EVENT_COMPLETE, 0));
    }

    @Case(
            id = "H7",
            source = "I36 I37",
            holds = "A pending event stays so while the PE is masked; UNMASK dispatches it")
    public void pendingWhileMasked(Deployment deployment) {
        Owner host = deployment.owner(0);
        Guest guest = host.guestWithFaultsOn();
        takesSignals(guest);
        host.tells(guest);
        signals(guest);
        Check.equal("PE_MASK", 1, guest.sdei(SdeiCall.PE_MASK));

        guest.parks();
        guest.hearsNothing();
        Check.equal("PE_UNMASK", 0, guest.sdei(SdeiCall.PE_UNMASK));

        guest.isDispatched(SIGNALLED);
    }

    @Case(id = "H9", source = "6.4", holds = "CONTEXT: x0 to x17 in a handler; x18 INVALID_PARAMETERS; outside DENIED")
    public void theInterruptedRegisters(Deployment deployment) {
        Owner host = deployment.owner(0);
        Guest guest = host.guest();
        takesSignals(guest);
        guest.keepsRegisters(context(1));
        Check.equal("CONTEXT outside", DENIED, guest.sdei(SdeiCall.EVENT_CONTEXT, 17));
        signals(guest);
        guest.isDispatched(SIGNALLED);

        guest.keepsRegisters(context(2));
        for (int n = 0; n < REGISTERS; n++) {
            Check.equal("CONTEXT(" + n + ")", context(1).getX(n), guest.sdei(SdeiCall.EVENT_CONTEXT, n));
        }
        Check.equal("CONTEXT(18)", INVALID, guest.sdei(SdeiCall.EVENT_CONTEXT, REGISTERS));
    }

    @Case(
            id = "H10",
            source = "6.4",
            holds = "COMPLETE outside a handler: DENIED; in one it restores every register, x0 too")
    public void completing(Deployment deployment) {
        Owner host = deployment.owner(0);
        Guest guest = host.guest();
        takesSignals(guest);
        Check.equal("COMPLETE outside", DENIED, guest.sdei(SdeiCall.EVENT_COMPLETE, 0));
        CpuContext interrupted = context(1);
        guest.keepsRegisters(interrupted);
        signals(guest);
        guest.isDispatched(SIGNALLED);

        guest.keepsRegisters(context(2));
        HostEvent resumed = guest.completes();

        Check.equal("the registers", interrupted, resumed.getContext());
        Check.equal("where it goes on", interrupted.getPc(), resumed.getEntry());
    }

    @Case(
            id = "H11",
            source = "I38",
            holds = "COMPLETE_AND_RESUME: pc there, ELR and SPSR where it was, masked, x0 to x17 restored")
    public void resuming(Deployment deployment) {
        Owner host = deployment.owner(0);
        Guest guest = host.guest();
        takesSignals(guest);
        CpuContext interrupted = context(1);
        guest.keepsRegisters(interrupted);
        signals(guest);
        HostEvent dispatched = guest.isDispatched(SIGNALLED);
        Check.equal(
                "SPSR_EL1 at dispatch",
                interrupted.getSpsrEl1(),
                dispatched.getContext().getSpsrEl1());

        guest.keepsRegisters(context(2));
        HostEvent resumed = guest.resumes();

        CpuContext expected = interrupted.toBuilder()
                .setPc(Guest.RESUME)
                .setPstate(EL1H_MASKED)
                .setElrEl1(interrupted.getPc())
                .setSpsrEl1(interrupted.getPstate())
                .build();
        Check.equal("the registers", expected, resumed.getContext());
        Check.equal("where it goes on", Guest.RESUME, resumed.getEntry());
    }

    @Case(
            id = "H19",
            source = "I35 I36",
            holds = "Three triggers while the handler runs: one more dispatch; UNREGISTER drops it")
    public void pendingIsABit(Deployment deployment) {
        Guest guest = deployment.owner(0).guest();
        takesSignals(guest);
        signals(guest);
        guest.isDispatched(SIGNALLED);

        for (int i = 0; i < 3; i++) {
            signals(guest);
        }
        guest.hearsNothing();
        guest.completes();
        guest.isDispatched(SIGNALLED);
        guest.completes();
        guest.hearsNothing();

        signals(guest);
        guest.isDispatched(SIGNALLED);
        signals(guest);
        Check.equal("UNREGISTER", SdeiCall.PENDING, guest.sdei(SdeiCall.EVENT_UNREGISTER, SIGNALLED));
        guest.completes();
        takesSignals(guest);
        guest.hearsNothing();
    }

    private static void takesSignals(Guest guest) {
        Check.equal("REGISTER", 0, guest.sdei(SdeiCall.EVENT_REGISTER, SIGNALLED, Guest.ENTRY, 0, 0, 0));
        Check.equal("ENABLE", 0, guest.sdei(SdeiCall.EVENT_ENABLE, SIGNALLED));
    }

    private static void signals(Guest guest) {
        Check.equal("SIGNAL", 0, guest.sdei(SdeiCall.EVENT_SIGNAL, SIGNALLED, 0));
    }

    private static SdeiEventState running(int event, CpuContext interrupted) {
        return SdeiEventState.newBuilder()
                .setEvent(event)
                .setFlags(RUNNING_ENABLED)
                .setEntry(Guest.ENTRY)
                .setInterrupted(interrupted)
                .build();
    }

    /** Registers that are told from any others. */
    private static CpuContext context(int which) {
        CpuContext.Builder context = CpuContext.newBuilder();
        for (int n = 0; n < REGISTERS; n++) {
            context.addX(0x1000L * which + n);
        }
        return context.setPc(0xA000L * which)
                .setPstate(0x10L * which)
                .setElrEl1(0xB000L * which)
                .setSpsrEl1(0x20L * which)
                .build();
    }
}
