// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.kubernetes;

import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What a namespace's network policies let through, by the rules of the networking.k8s.io API. */
final class NetworkPolicies {
    /** The label with which every namespace carries its own name. */
    static final String NAMESPACE_LABEL = "kubernetes.io/metadata.name";

    private final List<NetworkPolicy> policies;
    private final String namespace;

    NetworkPolicies(Manifests manifests) {
        policies = manifests.all(NetworkPolicy.class);
        namespace = policies.isEmpty() ? "" : policies.getFirst().getMetadata().getNamespace();
    }

    /** Every peer that a policy names. */
    static Stream<NetworkPolicyPeer> peers(NetworkPolicy policy) {
        return Stream.concat(
                policy.getSpec().getIngress().stream().flatMap(rule -> rule.getFrom().stream()),
                policy.getSpec().getEgress().stream().flatMap(rule -> rule.getTo().stream()));
    }

    /** A pod in the policies' own namespace. */
    Endpoint pod(Map<String, String> labels) {
        return new Endpoint(namespace, labels);
    }

    /** Whether one pod of this namespace reaches another on a port: egress and ingress both have to allow it. */
    boolean allows(Endpoint from, Endpoint to, String protocol, int port) {
        return allowsOut(from, to, protocol, port) && allowsIn(from, to, protocol, port);
    }

    /** Whether a pod here may begin a connection to a pod anywhere. */
    boolean allowsOut(Endpoint from, Endpoint to, String protocol, int port) {
        List<NetworkPolicy> applying = applying(from, "Egress");
        return applying.isEmpty()
                || applying.stream()
                        .flatMap(policy -> policy.getSpec().getEgress().stream())
                        .anyMatch(rule -> matches(rule.getPorts(), protocol, port) && reaches(rule, to));
    }

    /** Whether a pod here may begin a connection to some address outside of the cluster. */
    boolean allowsOutside(Endpoint from, int port) {
        return applying(from, "Egress").stream()
                .flatMap(policy -> policy.getSpec().getEgress().stream())
                .anyMatch(rule -> matches(rule.getPorts(), "TCP", port)
                        && rule.getTo().stream().anyMatch(peer -> peer.getIpBlock() != null));
    }

    /** Whether a pod here takes a connection from a pod anywhere. */
    boolean allowsIn(Endpoint from, Endpoint to, String protocol, int port) {
        List<NetworkPolicy> applying = applying(to, "Ingress");
        return applying.isEmpty()
                || applying.stream()
                        .flatMap(policy -> policy.getSpec().getIngress().stream())
                        .anyMatch(rule -> matches(rule.getPorts(), protocol, port) && admits(rule, from));
    }

    private List<NetworkPolicy> applying(Endpoint pod, String direction) {
        return policies.stream()
                .filter(policy -> policy.getSpec().getPolicyTypes().contains(direction))
                .filter(policy -> Selectors.select(policy.getSpec().getPodSelector(), pod.labels()))
                .toList();
    }

    private boolean reaches(NetworkPolicyEgressRule rule, Endpoint to) {
        return rule.getTo().isEmpty() || rule.getTo().stream().anyMatch(peer -> is(peer, to));
    }

    private boolean admits(NetworkPolicyIngressRule rule, Endpoint from) {
        return rule.getFrom().isEmpty() || rule.getFrom().stream().anyMatch(peer -> is(peer, from));
    }

    private boolean is(NetworkPolicyPeer peer, Endpoint pod) {
        if (peer.getIpBlock() != null) {
            return false;
        }
        boolean isInNamespace = peer.getNamespaceSelector() == null
                ? pod.namespace().equals(namespace)
                : Selectors.select(peer.getNamespaceSelector(), Map.of(NAMESPACE_LABEL, pod.namespace()));
        return isInNamespace
                && (peer.getPodSelector() == null || Selectors.select(peer.getPodSelector(), pod.labels()));
    }

    private static boolean matches(List<NetworkPolicyPort> ports, String protocol, int port) {
        return ports.isEmpty()
                || ports.stream()
                        .anyMatch(allowed -> protocol.equals(allowed.getProtocol())
                                && (allowed.getPort() == null
                                        || Integer.valueOf(port)
                                                .equals(allowed.getPort().getIntVal())));
    }

    /**
     * A pod, as policies see it.
     *
     * @param namespace the name of its namespace
     * @param labels its labels
     */
    record Endpoint(String namespace, Map<String, String> labels) {}
}
