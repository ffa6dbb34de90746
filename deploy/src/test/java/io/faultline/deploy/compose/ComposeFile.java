// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.compose;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A Compose file, as far as this project uses the format. Reading refuses every key that is not here: these are known to
 * docker-compose 1.29 and to Compose 2 alike.
 *
 * @param services the containers, by name
 * @param networks the networks, by name
 * @param volumes the named volumes, by name
 */
record ComposeFile(
        @JsonProperty(required = true) Map<String, Service> services,
        @JsonProperty(required = true) Map<String, Network> networks,
        @JsonProperty(required = true) Map<String, Volume> volumes) {

    /** A service that has to be there. */
    Service service(String name) {
        Service service = services.get(name);
        if (service == null) {
            throw new IllegalArgumentException(name + " (expected: one of " + services.keySet() + ")");
        }
        return service;
    }

    /** How a container is made and run; each field is the key of its name in snake case. */
    record Service(
            @JsonProperty(required = true) String image,
            @Nullable String pullPolicy,
            @Nullable Build build,
            @Nullable String hostname,
            @Nullable String user,
            boolean readOnly,
            @Nullable String restart,
            List<String> capDrop,
            List<String> securityOpt,
            @Nullable Logging logging,
            List<String> tmpfs,
            @Nullable String memLimit,
            double cpus,
            int pidsLimit,
            @Nullable String stopGracePeriod,
            List<String> profiles,
            List<String> entrypoint,
            List<String> command,
            Map<String, String> environment,
            List<String> networks,
            List<String> ports,
            List<String> volumes,
            Map<String, Dependency> dependsOn,
            @Nullable HealthCheck healthcheck) {
        /** What the file leaves out is empty. */
        Service {
            capDrop = capDrop == null ? List.of() : capDrop;
            securityOpt = securityOpt == null ? List.of() : securityOpt;
            tmpfs = tmpfs == null ? List.of() : tmpfs;
            profiles = profiles == null ? List.of() : profiles;
            entrypoint = entrypoint == null ? List.of() : entrypoint;
            command = command == null ? List.of() : command;
            environment = environment == null ? Map.of() : environment;
            networks = networks == null ? List.of() : networks;
            ports = ports == null ? List.of() : ports;
            volumes = volumes == null ? List.of() : volumes;
            dependsOn = dependsOn == null ? Map.of() : dependsOn;
        }

        /** Whether it ends by itself and says how it went, instead of serving. */
        boolean isJob() {
            return profiles.contains("loadtest");
        }

        /** Whether it is built from this repository. */
        boolean isOurs() {
            return image.startsWith("faultline/");
        }
    }

    /** Where its image is built from. */
    record Build(
            String context,
            String dockerfile,
            String target,
            @Nullable Map<String, String> args) {}

    /** Where its output goes. */
    record Logging(String driver, Map<String, String> options) {}

    /** What has to be true of another service before this one starts. */
    record Dependency(String condition) {}

    /** How the engine finds out whether it is well; durations are texts such as {@code 5s}. */
    record HealthCheck(List<String> test, String interval, String timeout, int retries, String startPeriod) {}

    /** A network of its own. */
    record Network(boolean internal) {}

    /** A volume that outlives its containers; all is left to the engine. */
    record Volume() {}
}
