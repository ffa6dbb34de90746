// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import java.util.Locale;

/** What a client may have a service do and hold for it, each up to a bound. */
public enum ClientLimit {
    /** Connections: {@code faultline.rpc.client.connections-max}. */
    CONNECTIONS(0),
    /** Streams of batches: {@code faultline.rpc.client.streams-max}. */
    STREAMS(1),
    /** Calls under way: {@code faultline.rpc.client.calls-max}. */
    CALLS(2),
    /** Calls a second: {@code faultline.rpc.client.calls-per-s}. */
    CALL_RATE(3),
    /** Records a second on streams of batches: {@code faultline.rpc.client.records-per-s}. */
    RECORD_RATE(4),
    /** The time in which a call's request has to come. */
    REQUEST_TIME(5),
    /** VMs registered: {@code faultline.vcpu.client-vms-max}. */
    VMS(6),
    /** Faults without a terminal outcome: {@code faultline.vcpu.client-faults-max}. */
    FAULTS(7);

    private static final ClientLimit[] VALUES = values();

    private final int index;

    ClientLimit(int index) {
        this.index = index;
    }

    static int count() {
        return VALUES.length;
    }

    /** Its place in an array of {@link #count}. */
    int index() {
        return index;
    }

    /** Its name in metrics and in the log. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
