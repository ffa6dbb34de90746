// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.compose;

import io.faultline.deploy.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a service reads from its environment, from its own YAML.
 *
 * @param defaults each variable with what stands for it when it is not set
 * @param drainSeconds how long the service may take to end, by its own drain and gRPC's grace period
 */
record ServiceVariables(Map<String, String> defaults, long drainSeconds) {
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Z][A-Z0-9_]*):([^}]*)}");
    private static final Pattern DRAIN = Pattern.compile("drain-ms: \\$\\{[A-Z_]+:([0-9]+)}");
    private static final Pattern GRACE = Pattern.compile("grace-period: ([0-9]+)s");

    /** Those of {@code vcpu-service}, {@code pager-service} or {@code notifier-service}. */
    static ServiceVariables of(String service) {
        try {
            return parse(Files.readString(
                    Repository.ROOT.resolve("services/" + service + "/app/src/main/resources/" + service + ".yaml")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ServiceVariables parse(String yaml) {
        Map<String, String> defaults = new TreeMap<>();
        VARIABLE.matcher(yaml).results().forEach(found -> defaults.put(found.group(1), found.group(2)));
        return new ServiceVariables(defaults, (first(DRAIN, yaml, 1_000) + 999) / 1_000 + first(GRACE, yaml, 0));
    }

    private static long first(Pattern pattern, String yaml, long otherwise) {
        Matcher matcher = pattern.matcher(yaml);
        return matcher.find() ? Long.parseLong(matcher.group(1)) : otherwise;
    }

    /** The default of a variable that the service has. */
    String get(String variable) {
        String value = defaults.get(variable);
        if (value == null) {
            throw new IllegalArgumentException(variable + " (expected: one of " + defaults.keySet() + ")");
        }
        return value;
    }
}
