// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance.cases;

import io.faultline.conformance.Case;
import io.faultline.conformance.driver.Check;
import io.faultline.conformance.driver.Deployment;
import io.faultline.conformance.driver.Machine;

/** G10 to G18: what the hypercall 0x86000002 and the VMM's ioctl answer. */
public final class ControlCases {
    static final int GET_SDEI = 1;
    static final int GET_IRQ = 2;
    static final int GET_CONTROL = 3;
    private static final int SET_SDEI = 4;
    private static final int SET_IRQ = 5;
    private static final int SET_CONTROL = 6;

    private static final int VERSION = 0;
    private static final int SLOTS = 1;
    private static final int ENABLE = 4;

    private static final long NOT_SUPPORTED = -1;
    private static final long NOT_REQUIRED = -2;
    private static final long INVALID_PARAMETER = -3;
    private static final long EIO = -5;
    private static final int AREA_BYTES = 64;

    @Case(
            id = "G10",
            source = "I33",
            holds = "ENABLE with the same word again: NOT_REQUIRED; with another area: 0 or NOT_REQUIRED")
    public void enablingTwice(Deployment deployment) {
        Machine vm = deployment.machine(0);
        long word = Machine.controlWord(0);
        var guest = vm.guestWithFaultsOn(0);

        Check.equal("ENABLE again", NOT_REQUIRED, vm.enable(0, word));
        guest.hearsNothing();

        long other = vm.enable(0, word + AREA_BYTES);
        Check.that("0, or NOT_REQUIRED as in the series", other == 0 || other == NOT_REQUIRED, other);
        Check.equal("GET_CONTROL", other == 0 ? word + AREA_BYTES : word, vm.gets(0, GET_CONTROL));
    }

    @Case(id = "G11", source = "I33", holds = "ENABLE without an event or an interrupt: INVALID_PARAMETER")
    public void enablingWithoutNumbers(Deployment deployment) {
        Machine vm = deployment.machine(0);
        long event = vm.gets(0, GET_SDEI);

        Check.equal("SET_SDEI 0", 0, vm.sets(0, SET_SDEI, 0));
        Check.equal("ENABLE without an event", INVALID_PARAMETER, vm.enable(0, Machine.controlWord(0)));
        Check.equal("SET_SDEI", 0, vm.sets(0, SET_SDEI, event));
        Check.equal("SET_IRQ 0", 0, vm.sets(0, SET_IRQ, 0));
        Check.equal("ENABLE without an interrupt", INVALID_PARAMETER, vm.enable(0, Machine.controlWord(0)));
        Check.equal("GET_CONTROL", 0, vm.gets(0, GET_CONTROL));
    }

    @Case(
            id = "G12",
            source = "I33",
            holds = "ENABLE with reserved bits, or without bit 0: INVALID_PARAMETER, nothing changes")
    public void enablingWithReservedBits(Deployment deployment) {
        Machine vm = deployment.machine(0);
        long area = Machine.controlWord(0) - 1;

        for (long flags : new long[] {0x05, 0x09, 0x11, 0x21, 0x3F, 0x00, 0x02}) {
            Check.equal("ENABLE with flags " + flags, INVALID_PARAMETER, vm.enable(0, area | flags));
            Check.equal("GET_CONTROL", 0, vm.gets(0, GET_CONTROL));
        }
        vm.guestWithFaultsOn(0);
        Check.equal("ENABLE with flags 5", INVALID_PARAMETER, vm.enable(0, area | 0x05));
        Check.equal("GET_CONTROL", area | 1, vm.gets(0, GET_CONTROL));
    }

    @Case(
            id = "G13",
            source = "I33",
            holds = "ENABLE takes the address from two 32-bit arguments: 0x80000041 and 1 are 0x180000040")
    public void theAddressInTwoArguments(Deployment deployment) {
        Machine vm = deployment.machine(0);
        vm.attaches(0);

        Check.equal("ENABLE", 0, vm.hypercall(0, ENABLE, 0x8000_0041, 1));

        Check.equal("GET_CONTROL", 0x1_8000_0041L, vm.gets(0, GET_CONTROL));
    }

    @Case(id = "G15", source = "I31", holds = "ENABLE with an area where no memory is: NOT_SUPPORTED, and it is off")
    public void enablingWithoutMemory(Deployment deployment) {
        Machine vm = deployment.machine(0);

        Check.equal("ENABLE", NOT_SUPPORTED, vm.enable(0, 0x7F_0000_0001L));
        Check.equal("GET_CONTROL", 0, vm.gets(0, GET_CONTROL));

        vm.setMemslot(Machine.areaSlot().setPages(0));
        Check.equal("ENABLE", NOT_SUPPORTED, vm.enable(0, Machine.controlWord(0)));
        Check.equal("GET_CONTROL", 0, vm.gets(0, GET_CONTROL));
    }

    @Case(id = "G16", source = "I33", holds = "VERSION is 0x010000, SLOTS is 64, what is unknown is NOT_SUPPORTED")
    public void theSubFunctions(Deployment deployment) {
        Machine vm = deployment.machine(0);

        Check.equal("VERSION", 0x01_0000, vm.hypercall(0, VERSION, 0, 0));
        Check.equal("SLOTS", 64, vm.hypercall(0, SLOTS, 0, 0));
        Check.equal("sub-function 6", NOT_SUPPORTED, vm.hypercall(0, 6, 0, 0));
        Check.equal("sub-function 0xffffffff", NOT_SUPPORTED, vm.hypercall(0, 0xFFFF_FFFF, 0, 0));
    }

    @Case(
            id = "G18",
            source = "5.6 5.7",
            holds = "SET_CONTROL: 0 while off is no error; without an interrupt EIO; after event and interrupt 0")
    public void loading(Deployment deployment) {
        Machine vm = deployment.machine(0);
        long event = vm.gets(0, GET_SDEI);
        long interrupt = vm.gets(0, GET_IRQ);
        vm.attaches(0);

        Check.equal("SET_CONTROL 0 while off", 0, vm.sets(0, SET_CONTROL, 0));
        Check.equal("SET_IRQ 0", 0, vm.sets(0, SET_IRQ, 0));
        Check.equal("SET_CONTROL before SET_IRQ", EIO, vm.sets(0, SET_CONTROL, Machine.controlWord(0)));
        Check.equal("SET_SDEI", 0, vm.sets(0, SET_SDEI, event));
        Check.equal("SET_IRQ", 0, vm.sets(0, SET_IRQ, interrupt));
        Check.equal("SET_CONTROL", 0, vm.sets(0, SET_CONTROL, Machine.controlWord(0)));
        Check.equal("GET_CONTROL", Machine.controlWord(0), vm.gets(0, GET_CONTROL));
    }
}
