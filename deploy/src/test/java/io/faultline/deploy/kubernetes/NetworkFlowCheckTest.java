// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NetworkFlowCheckTest {
    private final Manifests local = Manifests.of("overlays/local-prometheus", "replay");
    private final Manifests production = Manifests.of("overlays/production");

    @Test
    void aNeededFlowThatNoPolicyAllowsIsFound() {
        assertThat(violations(local.without(NetworkPolicy.class, "swap-store")))
                .contains("pager-service to redis:6379: is needed, and blocked");
    }

    @Test
    void aFlowThatOnlyOneSideAllowsIsFound() {
        local.with(
                NetworkPolicy.class,
                "notifier-service",
                policy -> policy.getSpec().getIngress().getFirst().getFrom().removeFirst());

        assertThat(violations(local)).containsExactly("vcpu-service to notifier-service:7003: is needed, and blocked");
    }

    @Test
    void aTargetOnAnotherPortIsFound() {
        local.with(ConfigMap.class, "vcpu-service", map -> map.getData().put("PAGER_TARGET", "pager-service:7012"));

        assertThat(violations(local))
                .contains("StatefulSet vcpu-service: wants pager-service:7012,"
                        + " and Service pager-service has no such port")
                .contains("vcpu-service to pager-service:7012: is needed, and blocked")
                .contains("vcpu-service to pager-service:7002: is open, and not needed");
    }

    @Test
    void aTargetThatIsNoServiceIsFound() {
        local.with(ConfigMap.class, "vcpu-service", map -> map.getData().put("PAGER_TARGET", "pager:7002"));

        assertThat(violations(local)).contains("StatefulSet vcpu-service: wants pager:7002, which is no Service here");
    }

    @Test
    void aFlowThatNothingNeedsIsFound() {
        local.with(NetworkPolicy.class, "swap-store", policy -> policy.getSpec().setPodSelector(new LabelSelector()));
        local.with(
                NetworkPolicy.class,
                "redis",
                policy -> policy.getSpec().getIngress().getFirst().setFrom(List.of()));

        assertThat(violations(local)).contains("notifier-service to redis:6379: is open, and not needed");
    }

    @Test
    void aPodThatNoPolicyClosesIsFound() {
        Manifests open = local.without(NetworkPolicy.class, "default-deny");

        assertThat(violations(open))
                .isNotEmpty()
                .allMatch(violation -> violation.startsWith("Deployment prometheus: port 9090 is open to"));
    }

    @Test
    void aPodThatCannotResolveNamesIsFound() {
        local.with(
                NetworkPolicy.class,
                "dns",
                policy -> policy.getSpec().getEgress().getFirst().getPorts().removeFirst());

        assertThat(violations(local)).contains("StatefulSet kafka: cannot ask the cluster's DNS by UDP");
    }

    @Test
    void anOutsideTargetThatNoPolicyLetsOutIsFound() {
        production.with(
                ConfigMap.class,
                "audit",
                map -> map.getData().put("KAFKA_BOOTSTRAP_SERVERS", "kafka.example.com:9094"));

        assertThat(violations(production))
                .contains("StatefulSet vcpu-service: wants kafka.example.com:9094,"
                        + " and no policy lets it out on that port");
    }

    @Test
    void aServiceOpenToAnotherNamespaceIsFound() {
        NetworkPolicyPeer anywhere = new NetworkPolicyPeer(null, new LabelSelector(), null);
        production.with(
                NetworkPolicy.class,
                "vcpu-service",
                policy -> policy.getSpec()
                        .setIngress(List.of(new NetworkPolicyIngressRule(
                                List.of(anywhere),
                                policy.getSpec().getIngress().getFirst().getPorts()))));

        assertThat(violations(production))
                .anyMatch(violation -> violation.startsWith("StatefulSet vcpu-service: port 7001 is open to"));
    }

    @Test
    void aPrometheusThatCannotScrapeIsFound() {
        production.with(
                NetworkPolicy.class,
                "metrics",
                policy -> policy.getSpec()
                        .getIngress()
                        .getFirst()
                        .getFrom()
                        .getFirst()
                        .getNamespaceSelector()
                        .setMatchLabels(Map.of(NetworkPolicies.NAMESPACE_LABEL, "observability")));

        assertThat(violations(production))
                .contains("StatefulSet vcpu-service: port 7101 is closed to the Prometheus of namespace monitoring");
    }

    @Test
    void aServiceWithoutAPortForItsClientsIsFound() {
        local.with(
                Service.class, "redis", service -> service.getSpec().getPorts().removeFirst());

        assertThat(violations(local))
                .contains("Deployment pager-service: wants redis:6379, and Service redis has no such port");
    }

    private static List<String> violations(Manifests manifests) {
        return new NetworkFlowCheck().violations(manifests);
    }
}
