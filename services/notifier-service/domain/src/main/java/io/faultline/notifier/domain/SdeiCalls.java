// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import org.jspecify.annotations.Nullable;

/**
 * What each SDEI call does to its caller's PE and answers in x0, except the two that end a handler and return nothing, and
 * SIGNAL, which is about another PE. Stateless. Source: DEN0054 and, where it leaves a choice, TF-A's order of checks.
 */
/*
 * Every event here is private: there is no interrupt that a guest could bind one to, so no shared event ever comes to be.
 * Hence FEATURES counts no slots, BIND and RELEASE are not supported (KVM's answer), ROUTING_SET finds nothing that could
 * be routed, and SHARED_RESET has nothing to do.
 */
final class SdeiCalls {
    static final int VERSION = 0xC400_0020;
    static final int EVENT_REGISTER = 0xC400_0021;
    static final int EVENT_ENABLE = 0xC400_0022;
    static final int EVENT_DISABLE = 0xC400_0023;
    static final int EVENT_CONTEXT = 0xC400_0024;
    static final int EVENT_COMPLETE = 0xC400_0025;
    static final int EVENT_COMPLETE_AND_RESUME = 0xC400_0026;
    static final int EVENT_UNREGISTER = 0xC400_0027;
    static final int EVENT_STATUS = 0xC400_0028;
    static final int EVENT_GET_INFO = 0xC400_0029;
    static final int EVENT_ROUTING_SET = 0xC400_002A;
    static final int PE_MASK = 0xC400_002B;
    static final int PE_UNMASK = 0xC400_002C;
    static final int EVENT_SIGNAL = 0xC400_002F;
    static final int FEATURES = 0xC400_0030;
    static final int PRIVATE_RESET = 0xC400_0031;
    static final int SHARED_RESET = 0xC400_0032;

    /* 1.1, as KVM's own implementation says with its vendor number. */
    private static final long VERSION_ANSWER = 1L << 48 | 1L << 32 | 0x4B_564D;
    /* No slots to bind interrupts to, private or shared. */
    private static final long BIND_SLOTS = 0;

    private static final int INFO_TYPE = 0;
    private static final int INFO_SIGNALABLE = 1;
    private static final int INFO_PRIORITY = 2;

    private static final long TYPE_PRIVATE = 0;
    private static final long SIGNALABLE = 1;
    private static final long PRIORITY_NORMAL = 0;
    private static final long PRIORITY_CRITICAL = 1;

    private static final long ROUTING_MODE_MAX = 1;

    private SdeiCalls() {}

    /** The answer to any call but COMPLETE, COMPLETE_AND_RESUME and SIGNAL. */
    static long answer(SdeiPe pe, GuestCall call) {
        return switch (call.function()) {
            case VERSION -> VERSION_ANSWER;
            case FEATURES -> call.argument(1) == 0 ? BIND_SLOTS : SdeiResult.INVALID_PARAMETERS;
            case PE_MASK -> pe.mask();
            case PE_UNMASK -> pe.unmask();
            case PRIVATE_RESET -> pe.reset();
            case SHARED_RESET -> SdeiResult.SUCCESS;
            case EVENT_ROUTING_SET -> SdeiResult.INVALID_PARAMETERS;
            case EVENT_CONTEXT -> pe.context(call.argument(1));
            case EVENT_REGISTER, EVENT_ENABLE, EVENT_DISABLE, EVENT_UNREGISTER, EVENT_STATUS, EVENT_GET_INFO ->
                answerAboutEvent(pe.event(call.argument(1)), call);
            default -> SdeiResult.NOT_SUPPORTED;
        };
    }

    private static long answerAboutEvent(@Nullable SdeiEvent event, GuestCall call) {
        if (event == null) {
            return SdeiResult.INVALID_PARAMETERS;
        }
        return switch (call.function()) {
            case EVENT_REGISTER -> register(event, call);
            case EVENT_ENABLE -> resultOf(event.apply(HandlerAction.ENABLE));
            case EVENT_DISABLE -> resultOf(event.apply(HandlerAction.DISABLE));
            case EVENT_UNREGISTER -> event.unregister();
            case EVENT_STATUS -> event.state().bits();
            case EVENT_GET_INFO -> info(event, call.argument(2));
            default -> SdeiResult.NOT_SUPPORTED;
        };
    }

    private static long register(SdeiEvent event, GuestCall call) {
        long entry = call.argument(2);
        long routingMode = call.argument(4);
        if (entry == 0 || routingMode < 0 || routingMode > ROUTING_MODE_MAX) {
            return SdeiResult.INVALID_PARAMETERS;
        }
        return resultOf(event.register(entry, call.argument(3)));
    }

    /* Routing is asked of shared events only, and there is none. */
    private static long info(SdeiEvent event, long what) {
        if (what == INFO_TYPE) {
            return TYPE_PRIVATE;
        }
        if (what == INFO_SIGNALABLE) {
            return SIGNALABLE;
        }
        if (what == INFO_PRIORITY) {
            return event.isCritical() ? PRIORITY_CRITICAL : PRIORITY_NORMAL;
        }
        return SdeiResult.INVALID_PARAMETERS;
    }

    private static long resultOf(boolean applied) {
        return applied ? SdeiResult.SUCCESS : SdeiResult.DENIED;
    }
}
