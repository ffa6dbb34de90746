// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a service's management port says of its meters at one moment. */
record Scrape(String text, Map<String, String> types, Map<String, String> helps, Map<String, Double> samples) {
    private static final Pattern TAG = Pattern.compile("([a-zA-Z_]+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

    /** Reads the meters of a service in Prometheus' text format. */
    static Scrape of(String managementAddress) {
        return parse(read(managementAddress, "text/plain"));
    }

    /** The body of a scrape in the format that is asked for. */
    static String read(String managementAddress, String accept) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("http://" + managementAddress + "/actuator/prometheus"))
                    .timeout(Duration.ofSeconds(20))
                    .header("Accept", accept)
                    .build();
            return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while scraping", interrupted);
        }
    }

    private static Scrape parse(String text) {
        Map<String, String> types = new TreeMap<>();
        Map<String, String> helps = new TreeMap<>();
        Map<String, Double> samples = new LinkedHashMap<>();
        for (String line : text.lines().toList()) {
            String[] words = line.split(" ", 4);
            if (line.startsWith("# TYPE ")) {
                types.put(words[2], words[3]);
            } else if (line.startsWith("# HELP ")) {
                helps.put(words[2], words.length > 3 ? words[3] : "");
            } else if (!line.startsWith("#") && !line.isBlank()) {
                int space = line.lastIndexOf(' ');
                samples.put(line.substring(0, space), Double.valueOf(line.substring(space + 1)));
            }
        }
        return new Scrape(text, types, helps, samples);
    }

    /** The value of a sample, named with its tags as in the text. */
    double value(String sample) {
        Double value = samples.get(sample);
        if (value == null) {
            throw new IllegalArgumentException("sample: " + sample + " (expected: one of " + samples.keySet() + ")");
        }
        return value;
    }

    /** The values of each tag of our own meters; a histogram's buckets are no tag's. */
    Map<String, Set<String>> tagValues() {
        Map<String, Set<String>> values = new HashMap<>();
        for (String sample : samples.keySet()) {
            if (sample.startsWith("faultline_")) {
                String name = sample.split("[{]", 2)[0];
                Matcher tag = TAG.matcher(sample);
                while (tag.find()) {
                    if (!tag.group(1).equals("le")) {
                        values.computeIfAbsent(name + "." + tag.group(1), _ -> new TreeSet<>())
                                .add(tag.group(2));
                    }
                }
            }
        }
        return values;
    }
}
