// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import org.junit.jupiter.api.Test;

/** How much memory, time and company a pod gets: each way of giving it too little, or too much, is found. */
class SizingTest {
    private final Manifests manifests = Manifests.of("overlays/production");

    @Test
    void aMemoryLimitBelowWhatTheJvmMayTakeIsFound() {
        manifests
                .workload("vcpu-service")
                .container()
                .getResources()
                .getLimits()
                .put("memory", new Quantity("3Gi"));

        assertThat(new MemoryCheck().violations(manifests))
                .containsExactly(
                        "StatefulSet vcpu-service: its memory limit is 3072 MiB (expected: at least 3264 MiB)");
    }

    @Test
    void moreFramesThanDirectMemoryHoldsAreFound() {
        manifests.with(
                ConfigMap.class, "vcpu-service", map -> map.getData().put("VCPU_FRAMES_MAX_BYTES", "2415919104"));

        assertThat(new MemoryCheck().violations(manifests))
                .containsExactly("StatefulSet vcpu-service: -XX:MaxDirectMemorySize is 2304 MiB"
                        + " (expected: at least 2432 MiB, for pages and Netty)");
    }

    @Test
    void thePagersTiersByDefaultCountToo() {
        manifests.with(ConfigMap.class, "pager-service", map -> {
            map.getData().remove("PAGER_DRAM_MAX_BYTES");
            map.getData().remove("PAGER_COMPRESSED_MAX_BYTES");
            map.getData().merge("FAULTLINE_JAVA_OPTS", "", (options, _) -> options.replace("512m -D", "256m -D"));
        });

        assertThat(new MemoryCheck().violations(manifests))
                .containsExactly("Deployment pager-service: -XX:MaxDirectMemorySize is 256 MiB"
                        + " (expected: at least 448 MiB, for pages and Netty)");
    }

    @Test
    void aJvmWithoutABoundIsFound() {
        manifests.with(
                ConfigMap.class,
                "notifier-service",
                map -> map.getData()
                        .merge(
                                "FAULTLINE_JAVA_OPTS",
                                "",
                                (options, _) -> options.replace("-XX:MaxMetaspaceSize=128m", "")));

        assertThat(new MemoryCheck().violations(manifests))
                .containsExactly("StatefulSet notifier-service: FAULTLINE_JAVA_OPTS has no -XX:MaxMetaspaceSize="
                        + " (expected: a bound)");
    }

    @Test
    void aGracePeriodShorterThanTheDrainIsFound() {
        manifests.with(ConfigMap.class, "vcpu-service", map -> map.getData().put("VCPU_DRAIN_MS", "60000"));

        assertThat(new TerminationCheck().violations(manifests))
                .containsExactly(
                        "StatefulSet vcpu-service: terminationGracePeriodSeconds is 45 (expected: at least 82)");
    }

    @Test
    void aPodThatEndsBeforeDnsForgetsItIsFound() {
        manifests.workload("pager-service").container().setLifecycle(null);

        assertThat(new TerminationCheck().violations(manifests))
                .containsExactly("Deployment pager-service: preStop sleeps 0 s"
                        + " (expected: at least 3 s, in which DNS forgets the pod)");
    }

    @Test
    void aSpoolThatMayOutgrowItsVolumeIsFound() {
        manifests.with(ConfigMap.class, "audit", map -> map.getData().put("AUDIT_SPOOL_MAX_BYTES", "335544320"));

        assertThat(new SpoolCheck().violations(manifests))
                .containsExactlyInAnyOrder(
                        "StatefulSet vcpu-service: the spool's sizeLimit is 320 MiB"
                                + " (expected: at least 352 MiB, AUDIT_SPOOL_MAX_BYTES and a tenth)",
                        "StatefulSet notifier-service: the spool's sizeLimit is 320 MiB"
                                + " (expected: at least 352 MiB, AUDIT_SPOOL_MAX_BYTES and a tenth)");
    }

    @Test
    void aSpoolWithoutAPlaceAndAServiceThatWaitsForItsBrokerAreFound() {
        manifests
                .workload("vcpu-service")
                .container()
                .getVolumeMounts()
                .getLast()
                .setMountPath("/var/elsewhere");
        manifests.with(ConfigMap.class, "audit", map -> map.getData().remove("AUDIT_REQUIRED"));

        assertThat(new SpoolCheck().violations(manifests))
                .containsExactlyInAnyOrder(
                        "StatefulSet vcpu-service: AUDIT_REQUIRED is true"
                                + " (expected: false, or no pod starts while the broker is away)",
                        "StatefulSet vcpu-service: no volume is mounted at AUDIT_SPOOL_DIRECTORY,"
                                + " '/var/lib/faultline/spool'",
                        "StatefulSet notifier-service: AUDIT_REQUIRED is true"
                                + " (expected: false, or no pod starts while the broker is away)");
    }

    @Test
    void aVcpuServiceWithoutANotifierOfItsOwnIsFound() {
        manifests.with(StatefulSet.class, "vcpu-service", set -> set.getSpec().setReplicas(3));

        assertThat(new ScalingCheck().violations(manifests))
                .containsExactly("StatefulSet notifier-service: 2 replicas (expected: 3, one for each vcpu-service)");
    }

    @Test
    void vcpuServicesThatShareOneNotifiersNameAreFound() {
        manifests.workload("vcpu-service").container().getEnv().stream()
                .filter(variable -> variable.getName().equals("NOTIFIER_TARGET"))
                .forEach(variable -> variable.setValue("notifier-service:7003"));

        assertThat(new ScalingCheck().violations(manifests))
                .containsExactly("StatefulSet vcpu-service: NOTIFIER_TARGET is notifier-service:7003"
                        + " (expected: the notifier-service of the pod's own number)");
    }

    @Test
    void pagersThatDoNotShareAStoreAreFound() {
        manifests.with(ConfigMap.class, "pager-service", map -> map.getData().put("PAGER_STORE", "rocksdb"));

        assertThat(new ScalingCheck().violations(manifests))
                .containsExactly("Deployment pager-service: PAGER_STORE is rocksdb"
                        + " (expected: a store that several pagers share)");
    }

    @Test
    void anAutoscalerThatWouldEndVmsIsFound() {
        manifests.with(
                HorizontalPodAutoscaler.class,
                "pager-service",
                scaler -> scaler.getSpec().getScaleTargetRef().setName("vcpu-service"));

        assertThat(new ScalingCheck().violations(manifests))
                .containsExactly("HorizontalPodAutoscaler pager-service: scales vcpu-service"
                        + " (expected: pager-service, the only one whose pods hold nothing that would be lost)");
    }

    @Test
    void aNumberThatWouldUndoTheAutoscalersIsFound() {
        manifests.with(
                Deployment.class, "pager-service", pager -> pager.getSpec().setReplicas(3));

        assertThat(new ScalingCheck().violations(manifests))
                .containsExactly(
                        "Deployment pager-service: says replicas" + " (expected: none, the autoscaler says how many)");
    }

    @Test
    void aWordThatTheFieldDoesNotKnowIsFound() {
        manifests.workload("vcpu-service").container().setImagePullPolicy("IfMissing");
        manifests
                .workload("pager-service")
                .pod()
                .getSecurityContext()
                .getSeccompProfile()
                .setType("Default");

        assertThat(new VocabularyCheck().violations(manifests))
                .containsExactlyInAnyOrder(
                        "StatefulSet vcpu-service: imagePullPolicy is IfMissing"
                                + " (expected: one of [Always, IfNotPresent])",
                        "Deployment pager-service: seccompProfile.type is Default"
                                + " (expected: one of [RuntimeDefault])");
    }
}
