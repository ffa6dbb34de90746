// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.processes;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ObjDoubleConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A service's metrics, in Prometheus' text format. Immutable. */
public record Exposition(String text) {
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"([^\"]*)\"");
    private static final int OK = 200;

    /** Those that a management port on loopback shows. */
    public static Exposition read(HttpClient client, int port, Duration timeout)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/actuator/prometheus"))
                .timeout(timeout)
                .build();
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != OK) {
            throw new IOException("metrics at port " + port + ": HTTP status " + response.statusCode());
        }
        return new Exposition(response.body());
    }

    /**
     * The sum of a metric over all its tags.
     *
     * @throws IllegalStateException if it is not there
     */
    public double sum(String name) {
        double[] sumAndCount = {0, 0};
        forEach(name, (_, value) -> {
            sumAndCount[0] += value;
            sumAndCount[1]++;
        });
        if (sumAndCount[1] == 0) {
            throw new IllegalStateException("no metric " + name);
        }
        return sumAndCount[0];
    }

    /** The sum of a metric's samples with that label; 0 where there is none. */
    public double sum(String name, String label, String value) {
        double[] sum = {0};
        forEach(name, (labels, each) -> sum[0] += value.equals(labels.get(label)) ? each : 0);
        return sum[0];
    }

    /** Each sample of a metric: its labels and its value. */
    public void forEach(String name, ObjDoubleConsumer<Map<String, String>> sample) {
        text.lines().filter(line -> line.startsWith(name)).forEach(line -> {
            String rest = line.substring(name.length());
            if (rest.startsWith("{")) {
                int labelsEnd = rest.indexOf('}');
                sample.accept(labels(rest.substring(1, labelsEnd)), value(rest.substring(labelsEnd + 1)));
            } else if (rest.startsWith(" ")) {
                sample.accept(Map.of(), value(rest));
            }
        });
    }

    private static Map<String, String> labels(String text) {
        Map<String, String> labels = new HashMap<>();
        Matcher matcher = LABEL.matcher(text);
        while (matcher.find()) {
            labels.put(matcher.group(1), matcher.group(2));
        }
        return labels;
    }

    /** The number after a space; a time or an exemplar may follow it. */
    private static double value(String text) {
        return Double.parseDouble(text.strip().split(" ", 2)[0]);
    }
}
