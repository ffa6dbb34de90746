// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings {@code faultline.rpc.client.*}: what one client may have a service hold and do for it. None can be turned off.
 *
 * @param connectionsMax the bound on connections from its address; one more is closed at once
 * @param streamsMax the bound on its streams of batches; one more is refused with RESOURCE_EXHAUSTED
 * @param callsMax the bound on its other calls under way; one more is refused with RESOURCE_EXHAUSTED
 * @param callsPerS how many of these it may begin a second, on the long run; one more is refused with RESOURCE_EXHAUSTED
 * @param requestTimeoutMs how long the request of a call may take to arrive, in milliseconds; then the call is ended with
 *     DEADLINE_EXCEEDED
 * @param recordsPerS how many records (faults, page requests, commands, guest calls) a second are read of all its streams, on the
 *     long run; they are not read further until there is room
 */
@ConfigurationProperties("faultline.rpc.client")
public record ClientProperties(
        @DefaultValue("128") int connectionsMax,
        @DefaultValue("512") int streamsMax,
        @DefaultValue("128") int callsMax,
        @DefaultValue("20000") int callsPerS,
        @DefaultValue("10000") int requestTimeoutMs,
        @DefaultValue("1000000") int recordsPerS) {
    private static final int COUNT_MAX = 1 << 20;
    private static final int CALLS_PER_S_MAX = 1_000_000;
    private static final int TIMEOUT_MS_MAX = 600_000;
    private static final int RECORDS_PER_S_MAX = 100_000_000;

    /**
     * Checks every setting.
     *
     * @throws IllegalArgumentException naming the setting, its value and what is expected
     */
    public ClientProperties {
        upTo("connections-max", connectionsMax, COUNT_MAX);
        upTo("streams-max", streamsMax, COUNT_MAX);
        upTo("calls-max", callsMax, COUNT_MAX);
        upTo("calls-per-s", callsPerS, CALLS_PER_S_MAX);
        upTo("request-timeout-ms", requestTimeoutMs, TIMEOUT_MS_MAX);
        upTo("records-per-s", recordsPerS, RECORDS_PER_S_MAX);
    }

    private static void upTo(String name, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException("faultline.rpc.client." + name + ": " + value + " (expected: 1 to "
                    + most + "; a client's limit cannot be turned off)");
        }
    }
}
