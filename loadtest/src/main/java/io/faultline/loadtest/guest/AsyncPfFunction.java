// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.guest;

/** The sub-functions of the hypercall 0x86000002 that go to the fault plane. */
public final class AsyncPfFunction {
    /** Asks for the protocol's version. */
    public static final int VERSION = 0;
    /** Asks how many works a vCPU may have. */
    public static final int SLOTS = 1;
    /** Asks for the SDEI event that says "page not present". */
    public static final int SDEI = 2;
    /** Asks for the interrupt that says "page ready". */
    public static final int IRQ = 3;
    /** Sets the control word. */
    public static final int ENABLE = 4;

    private AsyncPfFunction() {}
}
