// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The environment variables that a service's YAML reads.
 *
 * @param service the service's name
 * @param defaults each variable with the value that stands for it when it is not set
 */
public record ServiceSettings(String service, Map<String, String> defaults) {
    /** The three services. */
    public static final List<String> NAMES = List.of("vcpu-service", "pager-service", "notifier-service");

    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([A-Z][A-Z0-9_]*):([^}]*)}");
    private static final Pattern GRACE_PERIOD = Pattern.compile("grace-period: ([0-9]+)s");

    /** Reads them from the service's sources. */
    public static ServiceSettings of(String service) {
        Map<String, String> defaults = new TreeMap<>();
        Matcher matcher = PLACEHOLDER.matcher(yaml(service));
        while (matcher.find()) {
            defaults.put(matcher.group(1), matcher.group(2));
        }
        return new ServiceSettings(service, defaults);
    }

    /** The default of a variable that the service reads. */
    public String get(String variable) {
        String value = defaults.get(variable);
        if (value == null) {
            throw new IllegalArgumentException(variable + " (expected: one of " + defaults.keySet() + ")");
        }
        return value;
    }

    /** What the service's own variables begin with. */
    public String prefix() {
        return switch (service) {
            case "vcpu-service" -> "VCPU_";
            case "pager-service" -> "PAGER_";
            case "notifier-service" -> "NOTIFIER_";
            default -> throw new IllegalArgumentException(service + " (expected: one of " + NAMES + ")");
        };
    }

    /** How long the gRPC server waits for calls to end, in seconds. */
    public int grpcGraceSeconds() {
        Matcher matcher = GRACE_PERIOD.matcher(yaml(service));
        if (!matcher.find()) {
            throw new IllegalStateException(service + ".yaml: no grace-period (expected: spring.grpc.server.shutdown)");
        }
        return Integer.parseInt(matcher.group(1));
    }

    private static String yaml(String service) {
        Path file = Repository.ROOT.resolve("services/" + service + "/app/src/main/resources/" + service + ".yaml");
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
