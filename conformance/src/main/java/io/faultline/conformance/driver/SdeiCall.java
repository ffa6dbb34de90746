// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance.driver;

/** SDEI's calls by their SMC function identifiers. Source: DEN0054. */
public enum SdeiCall {
    /** The version of the interface. */
    VERSION(0xC400_0020),
    /** Registers a handler: event, entry point, argument, routing mode, affinity. */
    EVENT_REGISTER(0xC400_0021),
    /** Lets a registered event be dispatched: event. */
    EVENT_ENABLE(0xC400_0022),
    /** Keeps an event from being dispatched: event. */
    EVENT_DISABLE(0xC400_0023),
    /** A register as the running handler interrupted it: its number. */
    EVENT_CONTEXT(0xC400_0024),
    /** Ends a handler: status. */
    EVENT_COMPLETE(0xC400_0025),
    /** Ends a handler and goes on at an address, as if an interrupt had come: address. */
    EVENT_COMPLETE_AND_RESUME(0xC400_0026),
    /** Takes a handler away: event. */
    EVENT_UNREGISTER(0xC400_0027),
    /** A handler's state: event. */
    EVENT_STATUS(0xC400_0028),
    /** A fact of an event: event, which fact. */
    EVENT_GET_INFO(0xC400_0029),
    /** Routes a shared event: event, mode, affinity. */
    EVENT_ROUTING_SET(0xC400_002A),
    /** Keeps every event from this PE. */
    PE_MASK(0xC400_002B),
    /** Lets events come to this PE. */
    PE_UNMASK(0xC400_002C),
    /** Triggers event 0 on a PE: event, affinity. */
    EVENT_SIGNAL(0xC400_002F),
    /** What the implementation offers: which feature. */
    FEATURES(0xC400_0030),
    /** Unregisters every private event of this PE. */
    PRIVATE_RESET(0xC400_0031),
    /** Unregisters every shared event. */
    SHARED_RESET(0xC400_0032);

    /** Done. */
    public static final long SUCCESS = 0;
    /** An argument is out of range. */
    public static final long INVALID_PARAMETERS = -2;
    /** Not in this state. */
    public static final long DENIED = -3;
    /** Unregistering ends when the running handler completes. */
    public static final long PENDING = -5;

    private final int function;

    SdeiCall(int function) {
        this.function = function;
    }

    int function() {
        return function;
    }
}
