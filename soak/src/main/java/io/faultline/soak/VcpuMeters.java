// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak;

import io.faultline.processes.Exposition;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;

/**
 * What vcpu-service counted, as its management port tells it.
 *
 * @param fetches pages asked for, repeated requests included
 * @param requestsGivenUp requests that a pager let go unanswered for too long, and that were repeated
 */
public record VcpuMeters(long fetches, long requestsGivenUp) {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    static VcpuMeters read(int port) throws IOException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return of(Exposition.read(client, port, TIMEOUT));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    static VcpuMeters of(Exposition exposition) {
        return new VcpuMeters((long) exposition.sum("faultline_vcpu_fetches_total"), (long)
                exposition.sum("faultline_vcpu_peer_timeouts_total"));
    }
}
