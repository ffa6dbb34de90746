// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.kubernetes;

import io.fabric8.kubernetes.api.model.Service;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The addresses that a workload's settings name: whom it will want to talk to. */
final class Targets {
    /* Variables that hold addresses, and arguments like --vcpu=HOST:PORT. */
    private static final Pattern ADDRESS_VARIABLE =
            Pattern.compile(".*_TARGET|KAFKA_BOOTSTRAP_SERVERS|PAGER_STORE|NODES");
    private static final Pattern ADDRESS_ARGUMENT = Pattern.compile("--(vcpu|notifier|bootstrap)=(.*)");
    private static final Pattern HOST_AND_PORT = Pattern.compile("([A-Za-z][-A-Za-z0-9.?]*):([0-9]+)");

    private Targets() {}

    /** Every address, from variables as well as arguments. */
    static List<Target> of(Manifests manifests, Workload workload) {
        Stream<String> variables = Environment.of(manifests, workload.container()).values().entrySet().stream()
                .filter(entry -> ADDRESS_VARIABLE.matcher(entry.getKey()).matches())
                .map(Map.Entry::getValue);
        Stream<String> arguments = workload.container().getArgs().stream()
                .map(ADDRESS_ARGUMENT::matcher)
                .filter(Matcher::matches)
                .map(matcher -> matcher.group(2));
        return Stream.concat(variables, arguments)
                .flatMap(text -> HOST_AND_PORT.matcher(text).results())
                .map(match -> new Target(match.group(1), Integer.parseInt(match.group(2))))
                .distinct()
                .toList();
    }

    /**
     * An address.
     *
     * @param host a Service, a pod of a headless Service, or a name outside of the cluster
     * @param port the port there
     */
    record Target(String host, int port) {
        /** The Service of this namespace that the host is, or is a pod of. */
        Optional<Service> service(Manifests manifests) {
            int dot = host.indexOf('.');
            return manifests.find(Service.class, host.substring(dot + 1));
        }

        @Override
        public String toString() {
            return host + ":" + port;
        }
    }
}
