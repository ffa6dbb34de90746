// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HostPathVolumeSource;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SecurityCheckTest {
    @Test
    void aNamespaceThatEnforcesNothingIsFound() {
        Manifests manifests = Manifests.of("overlays/production")
                .with(
                        Namespace.class,
                        "faultline",
                        namespace -> namespace
                                .getMetadata()
                                .getLabels()
                                .put("pod-security.kubernetes.io/enforce", "baseline"));

        assertThat(new SecurityCheck().violations(manifests))
                .singleElement()
                .asString()
                .startsWith("Namespace: does not enforce the restricted standard");
    }

    static Stream<Arguments> weakenedPods() {
        return Stream.of(
                pod("hostNetwork is set", pod -> pod.setHostNetwork(true)),
                pod("hostPID is set", pod -> pod.setHostPID(true)),
                pod("hostIPC is set", pod -> pod.setHostIPC(true)),
                pod("automountServiceAccountToken is not false", pod -> pod.setAutomountServiceAccountToken(null)),
                pod("enableServiceLinks is not false", pod -> pod.setEnableServiceLinks(null)),
                pod("runAsNonRoot is not true", pod -> pod.getSecurityContext().setRunAsNonRoot(null)),
                pod(
                        "runAsUser is not the image's 10001",
                        pod -> pod.getSecurityContext().setRunAsUser(1000L)),
                pod(
                        "seccompProfile is not RuntimeDefault",
                        pod -> pod.getSecurityContext().getSeccompProfile().setType("Unconfined")),
                pod(
                        "volume tmp has no sizeLimit",
                        pod -> volume(pod, "tmp").getEmptyDir().setSizeLimit(null)),
                pod(
                        "volume keys can be read by others than its owner and group",
                        pod -> volume(pod, "keys").getSecret().setDefaultMode(0b100_100_100)),
                pod(
                        "volume host is neither a ConfigMap nor an emptyDir nor a Secret",
                        pod -> pod.getVolumes().add(hostPath())));
    }

    private static Volume volume(PodSpec pod, String name) {
        return pod.getVolumes().stream()
                .filter(volume -> volume.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    static Stream<Arguments> weakenedContainers() {
        return Stream.of(
                container("privileged is set", it -> it.getSecurityContext().setPrivileged(true)),
                container(
                        "allowPrivilegeEscalation is not false",
                        it -> it.getSecurityContext().setAllowPrivilegeEscalation(null)),
                container(
                        "readOnlyRootFilesystem is not true",
                        it -> it.getSecurityContext().setReadOnlyRootFilesystem(false)),
                container(
                        "the container overrides the pod's user or seccomp profile",
                        it -> it.getSecurityContext().setRunAsUser(0L)),
                container(
                        "not all capabilities are dropped",
                        it -> it.getSecurityContext().setCapabilities(null)),
                container(
                        "capabilities are added",
                        it -> it.getSecurityContext().getCapabilities().setAdd(List.of("SYS_ADMIN"))),
                container("procMount is set", it -> it.getSecurityContext().setProcMount("Unmasked")),
                container("a hostPort is taken", it -> it.getPorts().getFirst().setHostPort(7002)),
                container(
                        "resources.limits.memory is not set",
                        it -> it.getResources().getLimits().remove("memory")),
                container(
                        "resources.requests.cpu is not set",
                        it -> it.getResources().getRequests().remove("cpu")),
                container(
                        "image faultline/pager-service:latest (expected: a tag other than latest)",
                        it -> it.setImage("faultline/pager-service:latest")),
                container("nothing is mounted at /tmp, where the JVM writes", it -> it.setVolumeMounts(List.of())));
    }

    @ParameterizedTest
    @MethodSource({"weakenedPods", "weakenedContainers"})
    void aWeakenedPodIsFound(String violation, Consumer<PodSpec> weaken) {
        Manifests manifests = Manifests.of("overlays/production");
        weaken.accept(manifests.workload("pager-service").pod());

        assertThat(new SecurityCheck().violations(manifests)).containsExactly("Deployment pager-service: " + violation);
    }

    @Test
    void aLimitOfSomethingElseIsNoLimit() {
        Manifests manifests = Manifests.of("overlays/production");
        var limits =
                manifests.workload("pager-service").container().getResources().getLimits();
        limits.remove("cpu");
        limits.put("cpus", new Quantity("1"));

        assertThat(new SecurityCheck().violations(manifests))
                .containsExactly("Deployment pager-service: resources.limits.cpu is not set");
    }

    private static Arguments pod(String violation, Consumer<PodSpec> weaken) {
        return Arguments.of(violation, weaken);
    }

    private static Arguments container(String violation, Consumer<Container> weaken) {
        return pod(violation, pod -> weaken.accept(pod.getContainers().getFirst()));
    }

    private static Volume hostPath() {
        Volume volume = new Volume();
        volume.setName("host");
        volume.setHostPath(new HostPathVolumeSource("/", "Directory"));
        return volume;
    }
}
