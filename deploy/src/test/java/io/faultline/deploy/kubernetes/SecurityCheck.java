// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.kubernetes;

import io.fabric8.kubernetes.api.model.Capabilities;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Every pod keeps to the restricted Pod Security Standard and goes beyond it: read-only root file system, no token of the
 * API server, no variables of other Services, bounded processor and memory. The namespace enforces the standard.
 */
final class SecurityCheck implements Check {
    /** The user of Faultline's own images. */
    private static final long UID = 10_001;

    @Override
    public List<String> violations(Manifests manifests) {
        List<String> found = new ArrayList<>();
        manifests.all(Namespace.class).stream()
                .map(namespace -> namespace.getMetadata().getLabels())
                .filter(labels -> !"restricted".equals(labels.get("pod-security.kubernetes.io/enforce")))
                .forEach(labels -> found.add("Namespace: does not enforce the restricted standard: " + labels));
        for (Workload workload : manifests.workloads()) {
            Report report = new Report(workload.toString(), found);
            pod(workload.pod(), report);
            workload.containers().forEach(container -> container(workload.pod(), container, report));
        }
        return found;
    }

    private static void pod(PodSpec pod, Report report) {
        report.unless(!isTrue(pod.getHostNetwork()), "hostNetwork is set");
        report.unless(!isTrue(pod.getHostPID()), "hostPID is set");
        report.unless(!isTrue(pod.getHostIPC()), "hostIPC is set");
        report.unless(
                Boolean.FALSE.equals(pod.getAutomountServiceAccountToken()),
                "automountServiceAccountToken is not false");
        report.unless(Boolean.FALSE.equals(pod.getEnableServiceLinks()), "enableServiceLinks is not false");
        for (Volume volume : pod.getVolumes()) {
            report.unless(
                    volume.getConfigMap() != null || volume.getEmptyDir() != null || volume.getSecret() != null,
                    "volume " + volume.getName() + " is neither a ConfigMap nor an emptyDir nor a Secret");
            report.unless(
                    volume.getSecret() == null || isPrivate(volume.getSecret().getDefaultMode()),
                    "volume " + volume.getName() + " can be read by others than its owner and group");
            report.unless(
                    volume.getEmptyDir() == null || volume.getEmptyDir().getSizeLimit() != null,
                    "volume " + volume.getName() + " has no sizeLimit");
        }
        PodSecurityContext context = Objects.requireNonNullElseGet(pod.getSecurityContext(), PodSecurityContext::new);
        report.unless(isTrue(context.getRunAsNonRoot()), "runAsNonRoot is not true");
        report.unless(context.getRunAsUser() != null && context.getRunAsUser() != 0, "runAsUser is not set, or root");
        report.unless(
                context.getSeccompProfile() != null
                        && "RuntimeDefault".equals(context.getSeccompProfile().getType()),
                "seccompProfile is not RuntimeDefault");
        report.unless(context.getSysctls().isEmpty(), "sysctls are set");
        report.unless(context.getSeLinuxOptions() == null, "seLinuxOptions are set");
        report.unless(context.getAppArmorProfile() == null, "appArmorProfile is set");
    }

    private static void container(PodSpec pod, Container container, Report report) {
        SecurityContext context = Objects.requireNonNullElseGet(container.getSecurityContext(), SecurityContext::new);
        report.unless(!isTrue(context.getPrivileged()), "privileged is set");
        report.unless(
                Boolean.FALSE.equals(context.getAllowPrivilegeEscalation()), "allowPrivilegeEscalation is not false");
        report.unless(isTrue(context.getReadOnlyRootFilesystem()), "readOnlyRootFilesystem is not true");
        report.unless(
                context.getRunAsNonRoot() == null
                        && context.getRunAsUser() == null
                        && context.getSeccompProfile() == null,
                "the container overrides the pod's user or seccomp profile");
        report.unless(context.getProcMount() == null, "procMount is set");
        Capabilities capabilities = Objects.requireNonNullElseGet(context.getCapabilities(), Capabilities::new);
        report.unless(capabilities.getDrop().contains("ALL"), "not all capabilities are dropped");
        report.unless(capabilities.getAdd().isEmpty(), "capabilities are added");
        report.unless(
                container.getPorts().stream().allMatch(port -> port.getHostPort() == null), "a hostPort is taken");
        resources(container.getResources(), report);
        String image = container.getImage();
        report.unless(
                image.contains(":") && !image.endsWith(":latest"),
                "image " + image + " (expected: a tag other than latest)");
        if (image.startsWith("faultline/")) {
            report.unless(
                    Objects.equals(pod.getSecurityContext().getRunAsUser(), UID),
                    "runAsUser is not the image's " + UID);
            report.unless(
                    container.getVolumeMounts().stream()
                            .anyMatch(mount -> mount.getMountPath().equals("/tmp")),
                    "nothing is mounted at /tmp, where the JVM writes");
        }
    }

    private static void resources(ResourceRequirements resources, Report report) {
        for (String resource : Set.of("cpu", "memory")) {
            for (Map.Entry<String, Boolean> side : Map.of(
                            "requests", resources.getRequests().containsKey(resource),
                            "limits", resources.getLimits().containsKey(resource))
                    .entrySet()) {
                report.unless(side.getValue(), "resources." + side.getKey() + "." + resource + " is not set");
            }
        }
    }

    /** Without a mode, everybody may read. */
    private static boolean isPrivate(Integer mode) {
        return mode != null && (mode & 0b111) == 0;
    }

    private static boolean isTrue(Boolean value) {
        return Boolean.TRUE.equals(value);
    }

    private record Report(String object, List<String> found) {
        void unless(boolean holds, String violation) {
            if (!holds) {
                found.add(object + ": " + violation);
            }
        }
    }
}
