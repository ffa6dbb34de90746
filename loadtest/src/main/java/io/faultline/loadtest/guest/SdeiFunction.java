// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.guest;

/** The SDEI calls that the guest makes, by their SMC function identifiers (DEN0054). */
public final class SdeiFunction {
    /** Registers a handler: event, entry point, argument, routing flags, affinity. */
    public static final int EVENT_REGISTER = 0xC400_0021;
    /** Lets a registered event be dispatched: event. */
    public static final int EVENT_ENABLE = 0xC400_0022;
    /** Ends a handler and returns to what it interrupted: status. */
    public static final int EVENT_COMPLETE = 0xC400_0025;
    /** Ends a handler and goes on at an address, as if an interrupt had come: address. */
    public static final int EVENT_COMPLETE_AND_RESUME = 0xC400_0026;
    /** Lets this vCPU receive events. */
    public static final int PE_UNMASK = 0xC400_002C;

    /** EVENT_COMPLETE's status of a handler that did its work. */
    static final int STATUS_HANDLED = 0;
    /** EVENT_COMPLETE's status of a handler that refused. */
    static final int STATUS_FAILED = 1;

    private SdeiFunction() {}
}
