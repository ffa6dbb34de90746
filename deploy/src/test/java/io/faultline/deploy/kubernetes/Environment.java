// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.kubernetes;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.faultline.deploy.ServiceSettings;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A container's environment as the kubelet makes it: ConfigMaps first, then what the container itself sets. A value that
 * only the cluster knows (a Secret's, a pod's field) is {@link #UNKNOWN}.
 *
 * @param values by name
 */
record Environment(Map<String, String> values) {
    /** Stands for a value that is not in the manifests. */
    static final String UNKNOWN = "?";

    static Environment of(Manifests manifests, Container container) {
        Map<String, String> values = new TreeMap<>();
        for (EnvFromSource source : container.getEnvFrom()) {
            if (source.getConfigMapRef() != null) {
                configMap(manifests, source.getConfigMapRef().getName()).ifPresent(map -> values.putAll(map.getData()));
            }
        }
        for (EnvVar variable : container.getEnv()) {
            String value = variable.getValue();
            values.put(variable.getName(), value == null ? UNKNOWN : expanded(value, values));
        }
        return new Environment(values);
    }

    /** The ConfigMap of exactly that name. */
    static Optional<ConfigMap> configMap(Manifests manifests, String name) {
        return manifests.all(ConfigMap.class).stream()
                .filter(map -> map.getMetadata().getName().equals(name))
                .findFirst();
    }

    /** A variable's value, or what the service's YAML puts in its place. */
    String get(String name, ServiceSettings settings) {
        String value = values.get(name);
        return value != null ? value : settings.defaults().getOrDefault(name, "");
    }

    private static String expanded(String value, Map<String, String> known) {
        String result = value;
        for (Map.Entry<String, String> entry : known.entrySet()) {
            result = result.replace("$(" + entry.getKey() + ")", entry.getValue());
        }
        return result;
    }
}
