// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClass;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConfigurationCheckTest {
    @Test
    void aVariableThatTheServiceDoesNotReadIsFound() {
        Manifests manifests = Manifests.of("overlays/local")
                .with(ConfigMap.class, "vcpu-service", map -> map.getData().put("VCPU_FRAMES_MAX", "1"));

        assertThat(violations(manifests))
                .containsExactly(
                        "StatefulSet vcpu-service: VCPU_FRAMES_MAX is set, and vcpu-service.yaml does not read it");
    }

    @Test
    void anotherServicesVariableIsFound() {
        Manifests manifests = Manifests.of("overlays/local")
                .with(ConfigMap.class, "pager-service", map -> map.getData().put("NOTIFIER_TARGET", "x:1"));

        assertThat(violations(manifests))
                .containsExactly(
                        "Deployment pager-service: NOTIFIER_TARGET is set, and pager-service.yaml does not read it");
    }

    @Test
    void aConfigMapThatIsNotThereIsFound() {
        Manifests manifests = Manifests.of("overlays/local").without(ConfigMap.class, "redis-cluster");

        assertThat(violations(manifests))
                .singleElement()
                .asString()
                .matches("Job redis-cluster: ConfigMap redis-cluster-[0-9a-z]{10} is not there");
    }

    @Test
    void aConfigMapThatNobodyUsesIsFound() {
        Manifests manifests = Manifests.of("overlays/local");
        manifests.workload("vcpu-service").container().getEnvFrom().removeLast();
        manifests.workload("notifier-service").container().getEnvFrom().removeLast();

        assertThat(violations(manifests))
                .singleElement()
                .asString()
                .matches("ConfigMap audit-[0-9a-z]{10}: nobody uses it");
    }

    @Test
    void aSecretsKeyThatNobodyWasToldOfIsFound() {
        Manifests manifests = Manifests.of("overlays/production");
        manifests
                .workload("pager-service")
                .container()
                .getEnv()
                .getLast()
                .getValueFrom()
                .getSecretKeyRef()
                .setKey("passwd");

        assertThat(violations(manifests))
                .singleElement()
                .asString()
                .startsWith(
                        "Deployment pager-service: PAGER_REDIS_PASSWORD comes from key passwd of Secret pager-redis");
    }

    @Test
    void aFileFromASecretsKeyThatNobodyWasToldOfIsFound() {
        Manifests manifests = Manifests.of("overlays/production");
        manifests.workload("pager-service").pod().getVolumes().stream()
                .filter(volume -> volume.getName().equals("keys"))
                .forEach(volume -> volume.getSecret().getItems().getFirst().setKey("rings"));

        assertThat(violations(manifests))
                .singleElement()
                .asString()
                .startsWith("Deployment pager-service: a file comes from key rings of Secret pager-keys");
    }

    @Test
    void aMountOfAVolumeThatIsNotThereIsFound() {
        Manifests manifests = Manifests.of("overlays/local");
        manifests.workload("redis").container().getVolumeMounts().getLast().setName("date");

        assertThat(violations(manifests)).containsExactly("StatefulSet redis: volume date is not there");
    }

    @Test
    void anAccountThatIsNotThereIsFound() {
        Manifests manifests = Manifests.of("overlays/local").without(ServiceAccount.class, "kafka");

        assertThat(violations(manifests)).containsExactly("StatefulSet kafka: ServiceAccount kafka is not there");
    }

    @Test
    void aPriorityThatIsNotThereIsFound() {
        Manifests manifests = Manifests.of("overlays/production").without(PriorityClass.class, "faultline-vm-memory");

        assertThat(violations(manifests))
                .containsExactly("StatefulSet vcpu-service: PriorityClass faultline-vm-memory is not there");
    }

    @Test
    void aJobThatScrapesAnotherPortIsFound() {
        Manifests manifests = Manifests.of("overlays/local-prometheus")
                .with(
                        ConfigMap.class,
                        "prometheus",
                        map -> map.getData()
                                .merge("prometheus.yml", "", (yaml, _) -> yaml.replace("port: 7102", "port: 7002")));

        assertThat(new ScrapeCheck().violations(manifests))
                .containsExactly("ConfigMap prometheus: job pager-service scrapes"
                        + " pager-service:7002/actuator/prometheus"
                        + " (expected: pager-service:7102/actuator/prometheus)");
    }

    @Test
    void aServiceThatNoJobScrapesIsFound() {
        Manifests manifests = Manifests.of("overlays/local-prometheus")
                .with(
                        ConfigMap.class,
                        "prometheus",
                        map -> map.getData()
                                .merge(
                                        "prometheus.yml",
                                        "",
                                        (yaml, _) -> yaml.replace("job_name: notifier-service", "job_name: notifier")));

        assertThat(new ScrapeCheck().violations(manifests))
                .containsExactly("ConfigMap prometheus: job notifier-service scrapes nowhere"
                        + " (expected: notifier-service:7103/actuator/prometheus)");
    }

    private static List<String> violations(Manifests manifests) {
        return new ConfigurationCheck().violations(manifests);
    }
}
