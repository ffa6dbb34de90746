// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.GRPCAction;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Service;
import java.util.List;
import org.junit.jupiter.api.Test;

class PortCheckTest {
    private final Manifests manifests = Manifests.of("overlays/local");

    @Test
    void aTargetPortThatNoContainerHasIsFound() {
        manifests.with(
                Service.class,
                "pager-service",
                service -> service.getSpec().getPorts().getFirst().setTargetPort(new IntOrString("http2")));

        assertThat(violations())
                .containsExactly(
                        "Service pager-service: targetPort http2" + " (expected: a port of Deployment pager-service)");
    }

    @Test
    void aPortThatAHeadlessServiceWouldHaveToTranslateIsFound() {
        manifests.with(
                Service.class,
                "pager-service",
                service -> service.getSpec().getPorts().getFirst().setPort(443));

        assertThat(violations())
                .containsExactly("Service pager-service: port 443 (expected: 7002,"
                        + " since a headless Service does not translate)");
    }

    @Test
    void aPortNameThatKubernetesRefusesIsFound() {
        manifests.workload("kafka").container().getPorts().getFirst().setName("kafka_plaintext_clients");

        assertThat(violations())
                .contains("StatefulSet kafka: port 9092 is named \"kafka_plaintext_clients\""
                        + " (expected: a name of its own, 1 to 15 of a-z, 0-9 and -)");
    }

    @Test
    void aGrpcProbeOfAServiceThatTalksTlsIsFound() {
        Manifests production = Manifests.of("overlays/production");
        Probe probe = production.workload("vcpu-service").container().getReadinessProbe();
        probe.setHttpGet(null);
        probe.setGrpc(new GRPCAction(7001, null));

        assertThat(new PortCheck().violations(production))
                .containsExactly("StatefulSet vcpu-service: readinessProbe (expected: of /actuator/health/readiness"
                        + " at the port management, for the gRPC server talks TLS)");
    }

    @Test
    void aProbeOfAnotherPortIsFound() {
        manifests
                .workload("vcpu-service")
                .container()
                .getLivenessProbe()
                .getGrpc()
                .setPort(7101);

        assertThat(violations())
                .containsExactly(
                        "StatefulSet vcpu-service: livenessProbe asks a port that the container does not have");
    }

    @Test
    void aMissingProbeIsFound() {
        manifests.workload("vcpu-service").container().setStartupProbe(null);

        assertThat(violations())
                .containsExactly("StatefulSet vcpu-service: startupProbe is missing (expected: a gRPC health check)");
    }

    @Test
    void aProbeOfAHealthThatNobodyReportsIsFound() {
        manifests
                .workload("pager-service")
                .container()
                .getReadinessProbe()
                .getGrpc()
                .setService("readiness");

        assertThat(violations())
                .containsExactly("Deployment pager-service: readinessProbe asks for readiness"
                        + " (expected: the server's own health, which has no name)");
    }

    @Test
    void aPodThatWouldBeRestartedForItsPeersIsFound() {
        manifests
                .workload("vcpu-service")
                .container()
                .getLivenessProbe()
                .getGrpc()
                .setService(null);

        assertThat(violations())
                .containsExactly("StatefulSet vcpu-service: livenessProbe asks for null"
                        + " (expected: liveness, which depends on no peer)");
    }

    @Test
    void aServiceThatListensElsewhereIsFound() {
        manifests.with(ConfigMap.class, "notifier-service", map -> map.getData().put("NOTIFIER_PORT", "7004"));

        assertThat(violations())
                .containsExactly("StatefulSet notifier-service: NOTIFIER_PORT is 7004 (expected: 7003)");
    }

    @Test
    void aServiceThatListensOnLoopbackOnlyIsFound() {
        manifests.with(ConfigMap.class, "vcpu-service", map -> map.getData().remove("VCPU_ADDRESS"));

        assertThat(violations())
                .containsExactly("StatefulSet vcpu-service: VCPU_ADDRESS is 127.0.0.1 (expected: 0.0.0.0)");
    }

    private List<String> violations() {
        return new PortCheck().violations(manifests);
    }
}
