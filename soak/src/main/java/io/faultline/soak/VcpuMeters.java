// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
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
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/actuator/prometheus"))
                .timeout(TIMEOUT)
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return parse(
                    client.send(request, HttpResponse.BodyHandlers.ofString()).body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    static VcpuMeters parse(String text) {
        return new VcpuMeters(
                sum(text, "faultline_vcpu_fetches_total"), sum(text, "faultline_vcpu_peer_timeouts_total"));
    }

    private static long sum(String text, String name) {
        double[] values = text.lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .toArray();
        if (values.length == 0) {
            throw new IllegalStateException("vcpu-service's metrics: no " + name);
        }
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return (long) sum;
    }
}
