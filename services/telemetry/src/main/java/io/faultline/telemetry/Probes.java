// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.telemetry;

/** What a service's orchestrator asks. Any thread may ask; an answer never blocks. */
public interface Probes {
    /** Whether the service can still work; one that cannot should be started anew. */
    boolean isLive();

    /** Whether calls should be sent to the service; the same as what its gRPC health says. */
    boolean isReady();
}
