// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance.cases;

import io.faultline.conformance.Case;
import io.faultline.conformance.driver.Check;
import io.faultline.conformance.driver.Deployment;
import io.faultline.conformance.driver.Guest;
import io.faultline.conformance.driver.Owner;
import io.faultline.conformance.driver.SdeiCall;

/** H: SDEI's calls, their answers and the handler's states. Event 0 is the one that software signals. */
public final class SdeiCases {
    private static final int SIGNALLED = 0;
    private static final int UNKNOWN = 0x1234;

    private static final int REGISTERED = 1;
    private static final int ENABLED = 3;
    private static final int RUNNING_UNREGISTERED = 4;
    private static final int RUNNING_DISABLED = 5;
    private static final int RUNNING_ENABLED = 7;

    /** A call in a state: what it answers, {@link #RESUMED} for one that ends the handler, and the state afterwards. */
    private record Cell(int state, SdeiCall call, long answer, int after) {}

    private static final long RESUMED = Long.MAX_VALUE;
    private static final long OK = SdeiCall.SUCCESS;
    private static final long DENIED = SdeiCall.DENIED;
    private static final long INVALID = SdeiCall.INVALID_PARAMETERS;
    private static final long PENDING = SdeiCall.PENDING;

    private static final Cell[] TABLE = {
        new Cell(0, SdeiCall.EVENT_REGISTER, OK, 1),
        new Cell(0, SdeiCall.EVENT_ENABLE, DENIED, 0),
        new Cell(0, SdeiCall.EVENT_DISABLE, DENIED, 0),
        new Cell(0, SdeiCall.EVENT_UNREGISTER, DENIED, 0),
        new Cell(0, SdeiCall.EVENT_CONTEXT, DENIED, 0),
        new Cell(0, SdeiCall.EVENT_COMPLETE, DENIED, 0),
        new Cell(0, SdeiCall.EVENT_COMPLETE_AND_RESUME, DENIED, 0),
        new Cell(0, SdeiCall.EVENT_SIGNAL, INVALID, 0),
        new Cell(1, SdeiCall.EVENT_REGISTER, DENIED, 1),
        new Cell(1, SdeiCall.EVENT_ENABLE, OK, 3),
        new Cell(1, SdeiCall.EVENT_DISABLE, OK, 1),
        new Cell(1, SdeiCall.EVENT_UNREGISTER, OK, 0),
        new Cell(1, SdeiCall.EVENT_CONTEXT, DENIED, 1),
        new Cell(1, SdeiCall.EVENT_COMPLETE, DENIED, 1),
        new Cell(1, SdeiCall.EVENT_COMPLETE_AND_RESUME, DENIED, 1),
        new Cell(1, SdeiCall.EVENT_SIGNAL, INVALID, 1),
        new Cell(3, SdeiCall.EVENT_REGISTER, DENIED, 3),
        new Cell(3, SdeiCall.EVENT_ENABLE, OK, 3),
        new Cell(3, SdeiCall.EVENT_DISABLE, OK, 1),
        new Cell(3, SdeiCall.EVENT_UNREGISTER, OK, 0),
        new Cell(3, SdeiCall.EVENT_CONTEXT, DENIED, 3),
        new Cell(3, SdeiCall.EVENT_COMPLETE, DENIED, 3),
        new Cell(3, SdeiCall.EVENT_COMPLETE_AND_RESUME, DENIED, 3),
        new Cell(3, SdeiCall.EVENT_SIGNAL, OK, 7),
        new Cell(4, SdeiCall.EVENT_REGISTER, DENIED, 4),
        new Cell(4, SdeiCall.EVENT_ENABLE, DENIED, 4),
        new Cell(4, SdeiCall.EVENT_DISABLE, DENIED, 4),
        new Cell(4, SdeiCall.EVENT_UNREGISTER, PENDING, 4),
        new Cell(4, SdeiCall.EVENT_CONTEXT, OK, 4),
        new Cell(4, SdeiCall.EVENT_COMPLETE, RESUMED, 0),
        new Cell(4, SdeiCall.EVENT_COMPLETE_AND_RESUME, RESUMED, 0),
        new Cell(4, SdeiCall.EVENT_SIGNAL, INVALID, 4),
        new Cell(5, SdeiCall.EVENT_REGISTER, DENIED, 5),
        new Cell(5, SdeiCall.EVENT_ENABLE, OK, 7),
        new Cell(5, SdeiCall.EVENT_DISABLE, OK, 5),
        new Cell(5, SdeiCall.EVENT_UNREGISTER, PENDING, 4),
        new Cell(5, SdeiCall.EVENT_CONTEXT, OK, 5),
        new Cell(5, SdeiCall.EVENT_COMPLETE, RESUMED, 1),
        new Cell(5, SdeiCall.EVENT_COMPLETE_AND_RESUME, RESUMED, 1),
        new Cell(5, SdeiCall.EVENT_SIGNAL, INVALID, 5),
        new Cell(7, SdeiCall.EVENT_REGISTER, DENIED, 7),
        new Cell(7, SdeiCall.EVENT_ENABLE, OK, 7),
        new Cell(7, SdeiCall.EVENT_DISABLE, OK, 5),
        new Cell(7, SdeiCall.EVENT_UNREGISTER, PENDING, 4),
        new Cell(7, SdeiCall.EVENT_CONTEXT, OK, 7),
        new Cell(7, SdeiCall.EVENT_COMPLETE, RESUMED, 3),
        new Cell(7, SdeiCall.EVENT_COMPLETE_AND_RESUME, RESUMED, 3),
        new Cell(7, SdeiCall.EVENT_SIGNAL, OK, 7),
    };

    @Case(
            id = "H1",
            source = "I34",
            holds = "Every call in every state of a handler answers and leads as the table of 6.2 says")
    public void theStateTable(Deployment deployment) {
        Guest guest = deployment.owner(0).attaches();

        for (Cell cell : TABLE) {
            Check.that("ATTACHED", guest.attaches(), "NOT_FOUND");
            bring(guest, cell.state());
            String what = cell.call() + " in state " + cell.state();

            var answer = call(guest, cell.call());

            if (cell.answer() == RESUMED) {
                Check.that(what + ": RESUMED", answer.getKindValue() == 4, answer.getKind());
            } else {
                Check.equal(what, cell.answer(), answer.getResult());
            }
            Check.equal("the state after " + what, cell.after(), status(guest));
        }
    }

    /** From an unregistered event 0 to a state of it. */
    private static void bring(Guest guest, int state) {
        Check.equal("PE_UNMASK", OK, guest.sdei(SdeiCall.PE_UNMASK));
        if (state != 0) {
            register(guest);
        }
        if (state > REGISTERED) {
            Check.equal("EVENT_ENABLE", OK, guest.sdei(SdeiCall.EVENT_ENABLE, SIGNALLED));
        }
        if (state > ENABLED) {
            Check.equal("EVENT_SIGNAL", OK, guest.sdei(SdeiCall.EVENT_SIGNAL, SIGNALLED, 0));
            guest.isDispatched(SIGNALLED);
        }
        if (state == RUNNING_DISABLED) {
            Check.equal("EVENT_DISABLE", OK, guest.sdei(SdeiCall.EVENT_DISABLE, SIGNALLED));
        }
        if (state == RUNNING_UNREGISTERED) {
            Check.equal("EVENT_UNREGISTER", PENDING, guest.sdei(SdeiCall.EVENT_UNREGISTER, SIGNALLED));
        }
        Check.equal("EVENT_STATUS", state, status(guest));
    }

    private static io.faultline.proto.notifier.v1.HostEvent call(Guest guest, SdeiCall call) {
        io.faultline.proto.notifier.v1.HostEvent answer = call == SdeiCall.EVENT_REGISTER
                ? guest.call(call, SIGNALLED, Guest.ENTRY, 0, 0, 0)
                : guest.call(call, SIGNALLED, 0);
        if (call == SdeiCall.EVENT_SIGNAL && status(guest) == RUNNING_ENABLED && answer.getResult() == OK) {
            guest.forgets();
        }
        return answer;
    }

    private static long status(Guest guest) {
        return guest.sdei(SdeiCall.EVENT_STATUS, SIGNALLED);
    }

    private static void register(Guest guest) {
        Check.equal("EVENT_REGISTER", OK, guest.sdei(SdeiCall.EVENT_REGISTER, SIGNALLED, Guest.ENTRY, 0, 0, 0));
    }

    @Case(id = "H2", source = "I34", holds = "REGISTER twice: DENIED")
    public void registeringTwice(Deployment deployment) {
        Guest guest = deployment.owner(0).attaches();
        register(guest);

        Check.equal("REGISTER again", DENIED, guest.sdei(SdeiCall.EVENT_REGISTER, SIGNALLED, Guest.ENTRY, 0, 0, 0));
    }

    @Case(id = "H3", source = "I34", holds = "ENABLE of what is not registered: DENIED; ENABLE twice: 0, 0")
    public void enablingTwice(Deployment deployment) {
        Guest guest = deployment.owner(0).attaches();

        Check.equal("ENABLE unregistered", DENIED, guest.sdei(SdeiCall.EVENT_ENABLE, SIGNALLED));
        register(guest);
        Check.equal("ENABLE", OK, guest.sdei(SdeiCall.EVENT_ENABLE, SIGNALLED));
        Check.equal("ENABLE again", OK, guest.sdei(SdeiCall.EVENT_ENABLE, SIGNALLED));
    }

    @Case(
            id = "H4",
            source = "I34",
            holds = "UNREGISTER of a running handler: PENDING, STATUS 4, gone when it completes")
    public void unregisteringWhileRunning(Deployment deployment) {
        Guest guest = deployment.owner(0).attaches();
        bring(guest, RUNNING_ENABLED);

        Check.equal("UNREGISTER", PENDING, guest.sdei(SdeiCall.EVENT_UNREGISTER, SIGNALLED));
        Check.equal("STATUS", RUNNING_UNREGISTERED, status(guest));
        Check.equal("REGISTER", DENIED, guest.sdei(SdeiCall.EVENT_REGISTER, SIGNALLED, Guest.ENTRY, 0, 0, 0));
        guest.completes();
        Check.equal("STATUS", 0, status(guest));
        register(guest);
    }

    @Case(id = "H8", source = "6.5", holds = "A PE comes up masked; PE_MASK answers 1 when that changes it, else 0")
    public void maskingTwice(Deployment deployment) {
        Guest guest = deployment.owner(0).attaches();

        Check.equal("PE_MASK when it came up", 0, guest.sdei(SdeiCall.PE_MASK));
        Check.equal("PE_UNMASK", OK, guest.sdei(SdeiCall.PE_UNMASK));
        Check.equal("PE_MASK", 1, guest.sdei(SdeiCall.PE_MASK));
        Check.equal("PE_MASK again", 0, guest.sdei(SdeiCall.PE_MASK));
    }

    @Case(
            id = "H12",
            source = "6.5",
            holds = "GET_INFO: both events private and signalable, the published one critical; no routing")
    public void info(Deployment deployment) {
        Guest guest = deployment.owner(0).attaches();
        long[] signalled = {0, 1, 0, INVALID, INVALID, INVALID};
        long[] published = {0, 1, 1, INVALID, INVALID, INVALID};

        for (int what = 0; what < signalled.length; what++) {
            Check.equal("info " + what + " of event 0", signalled[what], info(guest, SIGNALLED, what));
            Check.equal("info " + what + " of the published event", published[what], info(guest, Guest.EVENT, what));
        }
        Check.equal("info of an unknown event", INVALID, info(guest, UNKNOWN, 0));
    }

    private static long info(Guest guest, int event, int what) {
        return guest.sdei(SdeiCall.EVENT_GET_INFO, event, what);
    }

    @Case(id = "H13", source = "6.5", holds = "ROUTING_SET of a private event: INVALID_PARAMETERS")
    public void routing(Deployment deployment) {
        Guest guest = deployment.owner(0).attaches();
        register(guest);

        Check.equal("ROUTING_SET", INVALID, guest.sdei(SdeiCall.EVENT_ROUTING_SET, SIGNALLED, 0, 0));
    }

    @Case(id = "H14", source = "6.5", holds = "SIGNAL: event 0 only, and only to a PE that would take it")
    public void signalling(Deployment deployment) {
        Guest guest = deployment.owner(0).attaches();
        bring(guest, ENABLED);

        Check.equal("SIGNAL of another event", INVALID, guest.sdei(SdeiCall.EVENT_SIGNAL, Guest.EVENT, 0));
        Check.equal("PE_MASK", 1, guest.sdei(SdeiCall.PE_MASK));
        Check.equal("SIGNAL to a masked PE", INVALID, guest.sdei(SdeiCall.EVENT_SIGNAL, SIGNALLED, 0));
        guest.hearsNothing();
        Check.equal("PE_UNMASK", OK, guest.sdei(SdeiCall.PE_UNMASK));
        guest.hearsNothing();
        Check.equal("SIGNAL", OK, guest.sdei(SdeiCall.EVENT_SIGNAL, SIGNALLED, 0));
        guest.isDispatched(SIGNALLED);
    }

    @Case(
            id = "H15",
            source = "6.5",
            holds = "PRIVATE_RESET with a running handler: DENIED, and the others are unregistered")
    public void reset(Deployment deployment) {
        Owner host = deployment.owner(0);
        Guest guest = host.guestWithFaultsOn();
        register(guest);
        host.tells(guest);

        Check.equal("PRIVATE_RESET", DENIED, guest.sdei(SdeiCall.PRIVATE_RESET));

        Check.equal("STATUS of the other", 0, status(guest));
        Check.equal("STATUS of the running", RUNNING_UNREGISTERED, guest.sdei(SdeiCall.EVENT_STATUS, Guest.EVENT));
        guest.completes();
        Check.equal("STATUS once it has completed", 0, guest.sdei(SdeiCall.EVENT_STATUS, Guest.EVENT));
        Check.equal("PRIVATE_RESET", OK, guest.sdei(SdeiCall.PRIVATE_RESET));
    }

    @Case(
            id = "H16",
            source = "6.5",
            holds = "REGISTER with routing mode 2, entry 0 or an unknown event: INVALID_PARAMETERS")
    public void registeringNonsense(Deployment deployment) {
        Guest guest = deployment.owner(0).attaches();

        Check.equal("mode 2", INVALID, guest.sdei(SdeiCall.EVENT_REGISTER, SIGNALLED, Guest.ENTRY, 0, 2, 0));
        Check.equal("entry 0", INVALID, guest.sdei(SdeiCall.EVENT_REGISTER, SIGNALLED, 0, 0, 0, 0));
        Check.equal("no such event", INVALID, guest.sdei(SdeiCall.EVENT_REGISTER, UNKNOWN, Guest.ENTRY, 0, 0, 0));
        Check.equal("STATUS", 0, status(guest));
    }
}
