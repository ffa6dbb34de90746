// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.kubernetes;

import io.fabric8.kubernetes.api.model.Service;
import io.faultline.deploy.ServiceSettings;
import io.faultline.deploy.kubernetes.NetworkPolicies.Endpoint;
import io.faultline.deploy.kubernetes.Targets.Target;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The network lets through what the settings need, and nothing else: among the pods exactly the needed flows, from other
 * namespaces only scrapes of the management ports, to the outside only the ports of the peers that are there.
 */
final class NetworkFlowCheck implements Check {
    private static final Endpoint DNS = new Endpoint("kube-system", Map.of("k8s-app", "kube-dns"));
    private static final Endpoint PROMETHEUS =
            new Endpoint("monitoring", Map.of("app.kubernetes.io/name", "prometheus"));
    private static final int DNS_PORT = 53;
    private static final int REDIS_PORT = 6379;
    private static final int REDIS_BUS_PORT = 16_379;

    @Override
    public List<String> violations(Manifests manifests) {
        List<String> found = new ArrayList<>();
        NetworkPolicies policies = new NetworkPolicies(manifests);
        Set<Flow> needed = needed(manifests, policies, found);
        Set<Flow> allowed = allowed(manifests, policies);
        needed.stream()
                .filter(flow -> !allowed.contains(flow))
                .forEach(flow -> found.add(flow + ": is needed, and blocked"));
        allowed.stream()
                .filter(flow -> !needed.contains(flow))
                .forEach(flow -> found.add(flow + ": is open, and not needed"));
        for (Workload workload : manifests.workloads()) {
            dns(policies, workload, found);
            strangers(manifests, policies, workload, found);
        }
        return found;
    }

    private static Set<Flow> needed(Manifests manifests, NetworkPolicies policies, List<String> found) {
        Set<Flow> needed = new LinkedHashSet<>();
        for (Workload workload : manifests.workloads()) {
            for (Target target : Targets.of(manifests, workload)) {
                Optional<Service> service = target.service(manifests);
                service.ifPresentOrElse(
                        there -> to(manifests, workload, target, there, needed, found),
                        () -> outside(policies, workload, target, found));
            }
            if (workload.name().equals("prometheus")) {
                ServiceSettings.NAMES.forEach(name -> manifests
                        .workload(name)
                        .port("management")
                        .ifPresent(port -> needed.add(new Flow(workload.name(), name, port))));
            }
            if (workload.name().equals("redis")) {
                needed.add(new Flow("redis", "redis", REDIS_PORT));
                needed.add(new Flow("redis", "redis", REDIS_BUS_PORT));
            }
        }
        return needed;
    }

    private static void to(
            Manifests manifests, Workload from, Target target, Service service, Set<Flow> needed, List<String> found) {
        boolean isServed = service.getSpec().getPorts().stream().anyMatch(port -> port.getPort() == target.port());
        if (!isServed) {
            found.add(from + ": wants " + target + ", and " + Manifests.nameOf(service) + " has no such port");
        }
        manifests.behind(service).forEach(to -> needed.add(new Flow(from.name(), to.name(), target.port())));
    }

    private static void outside(NetworkPolicies policies, Workload from, Target target, List<String> found) {
        if (!target.host().contains(".")) {
            found.add(from + ": wants " + target + ", which is no Service here");
        } else if (!policies.allowsOutside(policies.pod(from.labels()), target.port())) {
            found.add(from + ": wants " + target + ", and no policy lets it out on that port");
        }
    }

    private static Set<Flow> allowed(Manifests manifests, NetworkPolicies policies) {
        Set<Flow> allowed = new LinkedHashSet<>();
        for (Workload from : manifests.workloads()) {
            for (Workload to : manifests.workloads()) {
                to.container().getPorts().stream()
                        .map(port -> port.getContainerPort())
                        .filter(port ->
                                policies.allows(policies.pod(from.labels()), policies.pod(to.labels()), "TCP", port))
                        .forEach(port -> allowed.add(new Flow(from.name(), to.name(), port)));
            }
        }
        return allowed;
    }

    private static void dns(NetworkPolicies policies, Workload workload, List<String> found) {
        for (String protocol : List.of("UDP", "TCP")) {
            if (!policies.allowsOut(policies.pod(workload.labels()), DNS, protocol, DNS_PORT)) {
                found.add(workload + ": cannot ask the cluster's DNS by " + protocol);
            }
        }
    }

    private static void strangers(
            Manifests manifests, NetworkPolicies policies, Workload workload, List<String> found) {
        Endpoint pod = policies.pod(workload.labels());
        Optional<Integer> management = workload.port("management");
        boolean isMonitoredFromOutside =
                manifests.objects().stream().anyMatch(object -> object.getKind().equals("PodMonitor"));
        for (var port : workload.container().getPorts()) {
            int number = port.getContainerPort();
            boolean mayBeScraped = management.equals(Optional.of(number)) && isMonitoredFromOutside;
            if (policies.allowsIn(PROMETHEUS, pod, "TCP", number) != mayBeScraped) {
                found.add(workload + ": port " + number + " is " + (mayBeScraped ? "closed" : "open")
                        + " to the Prometheus of namespace monitoring");
            }
            for (Endpoint stranger : List.of(
                    new Endpoint("elsewhere", workload.labels()),
                    new Endpoint("elsewhere", PROMETHEUS.labels()),
                    new Endpoint("elsewhere", Map.of(SelectorCheck.CLIENT_LABEL, "true")),
                    new Endpoint(PROMETHEUS.namespace(), Map.of()))) {
                if (policies.allowsIn(stranger, pod, "TCP", number)) {
                    found.add(workload + ": port " + number + " is open to " + stranger);
                }
            }
        }
    }

    /** A connection that pods of one workload begin to pods of another. */
    private record Flow(String from, String to, int port) {
        @Override
        public String toString() {
            return from + " to " + to + ":" + port;
        }
    }
}
