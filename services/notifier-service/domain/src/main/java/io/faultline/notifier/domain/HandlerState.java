// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import org.jspecify.annotations.Nullable;

/**
 * Where an SDEI event's handler is in its life. Its bits are what EVENT_STATUS answers: bit 0 registered, bit 1 enabled, bit 2
 * running. Source: DEN0054's handler states.
 */
enum HandlerState {
    /** Nothing is registered. */
    UNREGISTERED(0),
    /** Registered; triggers stay pending. */
    REGISTERED(1),
    /** Unreachable: enabled without being registered. */
    ENABLED_ONLY(2),
    /** Registered and enabled: a trigger is dispatched. */
    ENABLED(3),
    /** Running, and gone once it completes: "unregister pending". */
    RUNNING_UNREGISTERED(4),
    /** Running, and disabled. */
    RUNNING_REGISTERED(5),
    /** Unreachable: running and enabled without being registered. */
    RUNNING_ENABLED_ONLY(6),
    /** Running; a further trigger stays pending. */
    RUNNING_ENABLED(7);

    private static final int X = -1;

    /* A row per state's bits, a column per HandlerAction: the bits afterwards, or X where it is refused. */
    private static final int[][] NEXT = {
        // REG  REL  ENA  DIS  UNR  ROU  CTX  CMP  RES  DISPATCH
        {1, 0, X, X, X, X, X, X, X, X},
        {X, X, 3, 1, 0, 1, X, X, X, X},
        {X, X, X, X, X, X, X, X, X, X},
        {X, X, 3, 1, 0, X, X, X, X, 7},
        {X, X, X, X, X, X, 4, 0, 0, X},
        {X, X, 7, 5, 4, X, 5, 1, 1, X},
        {X, X, X, X, X, X, X, X, X, X},
        {X, X, 7, 5, 4, X, 7, 3, 3, X},
    };

    private static final HandlerState[] BY_BITS = values();

    private final int bits;

    HandlerState(int bits) {
        this.bits = bits;
    }

    /** The state after an action, or null where the action is refused. */
    @Nullable
    HandlerState after(HandlerAction action) {
        int next = NEXT[bits][action.column()];
        return next == X ? null : BY_BITS[next];
    }

    /** The state of these bits; null for those that no handler is ever in. */
    @Nullable
    static HandlerState ofBits(int bits) {
        HandlerState state = BY_BITS[bits];
        return state == ENABLED_ONLY || state == RUNNING_ENABLED_ONLY ? null : state;
    }

    /** EVENT_STATUS's answer. */
    int bits() {
        return bits;
    }

    boolean isRegistered() {
        return (bits & 1) != 0;
    }

    boolean isEnabled() {
        return (bits & 2) != 0;
    }

    boolean isRunning() {
        return (bits & 4) != 0;
    }
}
