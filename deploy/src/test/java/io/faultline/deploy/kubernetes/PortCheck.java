// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.kubernetes;

import static io.faultline.deploy.kubernetes.Manifests.nameOf;

import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.faultline.deploy.ServiceSettings;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Every port that is named exists, and is the one where the service listens. */
final class PortCheck implements Check {
    @Override
    public List<String> violations(Manifests manifests) {
        List<String> found = new ArrayList<>();
        manifests
                .all(Service.class)
                .forEach(service -> service.getSpec()
                        .getPorts()
                        .forEach(port -> manifests
                                .behind(service)
                                .forEach(workload -> servicePort(service, port, workload, found))));
        for (Workload workload : manifests.workloads()) {
            names(workload, found);
            probes(workload).forEach((probe, how) -> probePort(workload, probe, how, found));
            if (workload.isService()) {
                listensThere(manifests, workload, found);
            }
        }
        return found;
    }

    private static void servicePort(Service service, ServicePort port, Workload workload, List<String> found) {
        Optional<Integer> target = number(workload, port.getTargetPort());
        if (target.isEmpty()) {
            found.add(nameOf(service) + ": targetPort " + port.getTargetPort().getStrVal() + " (expected: a port of "
                    + workload + ")");
        } else if (!target.get().equals(port.getPort())) {
            found.add(nameOf(service) + ": port " + port.getPort() + " (expected: " + target.get()
                    + ", since a headless Service does not translate)");
        }
    }

    private static void names(Workload workload, List<String> found) {
        Set<String> names = new HashSet<>();
        for (ContainerPort port : workload.container().getPorts()) {
            String name = Objects.requireNonNullElse(port.getName(), "");
            if (!name.matches("[a-z][-a-z0-9]{0,14}") || !names.add(name)) {
                found.add(workload + ": port " + port.getContainerPort() + " is named \"" + name
                        + "\" (expected: a name of its own, 1 to 15 of a-z, 0-9 and -)");
            }
        }
    }

    private static Map<String, Probe> probes(Workload workload) {
        Map<String, Probe> probes = new java.util.TreeMap<>();
        putIfThere(probes, "startupProbe", workload.container().getStartupProbe());
        putIfThere(probes, "readinessProbe", workload.container().getReadinessProbe());
        putIfThere(probes, "livenessProbe", workload.container().getLivenessProbe());
        return probes;
    }

    private static void putIfThere(Map<String, Probe> probes, String name, Probe probe) {
        if (probe != null) {
            probes.put(name, probe);
        }
    }

    private static void probePort(Workload workload, String name, Probe probe, List<String> found) {
        Optional<Integer> port = Optional.empty();
        if (probe.getGrpc() != null) {
            port = Optional.of(probe.getGrpc().getPort())
                    .filter(grpc -> workload.port("grpc").equals(Optional.of(grpc)));
        } else if (probe.getTcpSocket() != null) {
            port = number(workload, probe.getTcpSocket().getPort());
        } else if (probe.getHttpGet() != null) {
            port = number(workload, probe.getHttpGet().getPort());
        } else if (probe.getExec() != null) {
            return;
        }
        if (port.isEmpty()) {
            found.add(workload + ": " + name + " asks a port that the container does not have");
        }
    }

    private static void listensThere(Manifests manifests, Workload workload, List<String> found) {
        ServiceSettings settings = ServiceSettings.of(workload.name());
        Environment environment = Environment.of(manifests, workload.container());
        expect(workload, environment, settings, "ADDRESS", "0.0.0.0", found);
        expect(workload, environment, settings, "PORT", text(workload.port("grpc")), found);
        expect(workload, environment, settings, "MANAGEMENT_PORT", text(workload.port("management")), found);
        boolean isTlsOn = !environment.get("TLS_CERTIFICATE_FILE", settings).isEmpty();
        for (String probe : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
            Probe how = probes(workload).get(probe);
            if (isTlsOn) {
                overHttp(workload, probe, how, found);
            } else if (how == null || how.getGrpc() == null) {
                found.add(workload + ": " + probe + " is missing (expected: a gRPC health check)");
            } else {
                asksTheRightHealth(workload, probe, how.getGrpc().getService(), found);
            }
        }
    }

    /** Of a service that waits for its peers only one half is true: it lives, and is not ready. */
    private static void asksTheRightHealth(Workload workload, String probe, String health, List<String> found) {
        if (probe.equals("readinessProbe")) {
            if (health != null) {
                found.add(workload + ": " + probe + " asks for " + health
                        + " (expected: the server's own health, which has no name)");
            }
        } else if (!"liveness".equals(health)) {
            found.add(workload + ": " + probe + " asks for " + health
                    + " (expected: liveness, which depends on no peer)");
        }
    }

    /** Kubernetes' gRPC probes cannot talk TLS. */
    private static void overHttp(Workload workload, String probe, @Nullable Probe how, List<String> found) {
        String path = "/actuator/health/" + (probe.equals("readinessProbe") ? "readiness" : "liveness");
        if (how == null
                || how.getGrpc() != null
                || how.getHttpGet() == null
                || !path.equals(how.getHttpGet().getPath())
                || !"management".equals(how.getHttpGet().getPort().getStrVal())) {
            found.add(workload + ": " + probe + " (expected: of " + path
                    + " at the port management, for the gRPC server talks TLS)");
        }
    }

    private static void expect(
            Workload workload,
            Environment environment,
            ServiceSettings settings,
            String variable,
            String expected,
            List<String> found) {
        String name = settings.prefix() + variable;
        String value = environment.get(name, settings);
        if (!value.equals(expected)) {
            found.add(workload + ": " + name + " is " + value + " (expected: " + expected + ")");
        }
    }

    private static String text(Optional<Integer> port) {
        return port.map(String::valueOf).orElse("a port of the container");
    }

    private static Optional<Integer> number(Workload workload, IntOrString port) {
        return port.getIntVal() != null ? Optional.of(port.getIntVal()) : workload.port(port.getStrVal());
    }
}
