// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.check;

import io.faultline.model.AsyncPf;
import io.faultline.notifier.domain.SdeiResult;

/**
 * What a PE's SDEI state must be, told apart from the domain's tables: one event, four facts and what each call makes of
 * them. One thread.
 */
final class ShadowPe {
    /** A result that is not foretold. */
    static final long ANY = Long.MIN_VALUE;

    private static final int EVENT_REGISTER = 0xC400_0021;
    private static final int EVENT_ENABLE = 0xC400_0022;
    private static final int EVENT_DISABLE = 0xC400_0023;
    private static final int EVENT_UNREGISTER = 0xC400_0027;
    private static final int EVENT_STATUS = 0xC400_0028;
    private static final int PE_MASK = 0xC400_002B;
    private static final int PE_UNMASK = 0xC400_002C;
    private static final int PRIVATE_RESET = 0xC400_0031;

    boolean masked = true;
    boolean registered;
    boolean enabled;
    boolean running;
    boolean pending;

    void reset() {
        masked = true;
        registered = false;
        enabled = false;
        running = false;
        pending = false;
    }

    /** Whether a trigger would be dispatched at once. */
    boolean isReceptive() {
        return !masked && registered && enabled && !running;
    }

    /** Ends the handler; false when none runs. */
    boolean complete() {
        boolean did = running;
        running = false;
        return did;
    }

    /** What a call must return, after which the state is what it made of it; {@link #ANY} when not foretold. */
    long call(int function, long event) {
        return switch (function) {
            case PE_MASK -> {
                long result = masked ? 0 : 1;
                masked = true;
                yield result;
            }
            case PE_UNMASK -> {
                masked = false;
                yield SdeiResult.SUCCESS;
            }
            case PRIVATE_RESET -> {
                unregister();
                yield running ? SdeiResult.DENIED : SdeiResult.SUCCESS;
            }
            case EVENT_REGISTER, EVENT_ENABLE, EVENT_DISABLE, EVENT_UNREGISTER, EVENT_STATUS ->
                event == AsyncPf.DEFAULT_SDEI_EVENT ? aboutEvent(function) : ANY;
            default -> ANY;
        };
    }

    private long aboutEvent(int function) {
        return switch (function) {
            case EVENT_REGISTER -> register();
            case EVENT_ENABLE -> enable(true);
            case EVENT_DISABLE -> enable(false);
            case EVENT_UNREGISTER -> unregister();
            default -> (registered ? 1 : 0) + (enabled ? 2 : 0) + (running ? 4 : 0);
        };
    }

    private long register() {
        if (registered || running) {
            return SdeiResult.DENIED;
        }
        registered = true;
        return SdeiResult.SUCCESS;
    }

    private long enable(boolean on) {
        if (!registered) {
            return SdeiResult.DENIED;
        }
        enabled = on;
        return SdeiResult.SUCCESS;
    }

    private long unregister() {
        if (!registered) {
            return running ? SdeiResult.PENDING : SdeiResult.DENIED;
        }
        registered = false;
        enabled = false;
        pending = false;
        return running ? SdeiResult.PENDING : SdeiResult.SUCCESS;
    }
}
