// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.kubernetes;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClass;
import io.faultline.deploy.ServiceSettings;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Every variable is one that somebody reads, and every object, key and volume that is referred to is there. */
final class ConfigurationCheck implements Check {
    /** Read by the images' start script, and by Spring Boot itself. */
    private static final Set<String> READ_BY_ALL = Set.of("FAULTLINE_JAVA_OPTS", "LOGGING_STRUCTURED_FORMAT_CONSOLE");

    private static final Set<String> CERTIFICATE = Set.of("ca.crt", "tls.crt", "tls.key");
    /** Secrets that an operator makes, with the keys they must have: docs/kubernetes.md. */
    private static final Map<String, Set<String>> SECRETS = Map.of(
            "pager-redis", Set.of("username", "password"),
            "pager-keys", Set.of("ring"),
            "vcpu-service-tls", CERTIFICATE,
            "pager-service-tls", CERTIFICATE,
            "notifier-service-tls", CERTIFICATE);

    @Override
    public List<String> violations(Manifests manifests) {
        List<String> found = new ArrayList<>();
        for (Workload workload : manifests.workloads()) {
            workload.containers().forEach(container -> {
                references(manifests, workload, container, found);
                mounts(workload, container, found);
            });
            volumes(manifests, workload, found);
            named(manifests, workload, found);
            if (workload.isService()) {
                variables(manifests, workload, found);
            }
        }
        unused(manifests, found);
        return found;
    }

    private static void variables(Manifests manifests, Workload workload, List<String> found) {
        Set<String> known = new HashSet<>(READ_BY_ALL);
        known.addAll(ServiceSettings.of(workload.name()).defaults().keySet());
        Environment.of(manifests, workload.container()).values().keySet().stream()
                .filter(name -> !known.contains(name) && !isReadByAnother(name, workload.container()))
                .forEach(name -> found.add(
                        workload + ": " + name + " is set, and " + workload.name() + ".yaml does not read it"));
    }

    private static boolean isReadByAnother(String name, Container container) {
        return container.getEnv().stream()
                .anyMatch(variable ->
                        variable.getValue() != null && variable.getValue().contains("$(" + name + ")"));
    }

    private static void references(Manifests manifests, Workload workload, Container container, List<String> found) {
        container.getEnvFrom().stream()
                .filter(source -> source.getConfigMapRef() != null)
                .map(source -> source.getConfigMapRef().getName())
                .filter(name -> Environment.configMap(manifests, name).isEmpty())
                .forEach(name -> found.add(workload + ": ConfigMap " + name + " is not there"));
        for (EnvVar variable : container.getEnv()) {
            if (variable.getValueFrom() == null || variable.getValueFrom().getSecretKeyRef() == null) {
                continue;
            }
            String name = variable.getValueFrom().getSecretKeyRef().getName();
            String key = variable.getValueFrom().getSecretKeyRef().getKey();
            if (!SECRETS.getOrDefault(name, Set.of()).contains(key)) {
                found.add(workload + ": " + variable.getName() + " comes from key " + key + " of Secret " + name
                        + " (expected: one of " + SECRETS + ")");
            }
        }
    }

    private static void mounts(Workload workload, Container container, List<String> found) {
        Stream<String> volumes = workload.pod().getVolumes().stream().map(Volume::getName);
        Set<String> known = new HashSet<>(volumes.toList());
        known.addAll(claims(workload));
        container.getVolumeMounts().stream()
                .map(VolumeMount::getName)
                .filter(name -> !known.contains(name))
                .forEach(name -> found.add(workload + ": volume " + name + " is not there"));
    }

    private static List<String> claims(Workload workload) {
        return workload.owner() instanceof io.fabric8.kubernetes.api.model.apps.StatefulSet set
                ? set.getSpec().getVolumeClaimTemplates().stream()
                        .map(claim -> claim.getMetadata().getName())
                        .toList()
                : List.of();
    }

    private static void volumes(Manifests manifests, Workload workload, List<String> found) {
        workload.pod().getVolumes().stream()
                .map(Volume::getSecret)
                .filter(secret -> secret != null)
                .forEach(secret -> secret.getItems().stream()
                        .filter(item -> !SECRETS.getOrDefault(secret.getSecretName(), Set.of())
                                .contains(item.getKey()))
                        .forEach(item -> found.add(workload + ": a file comes from key " + item.getKey() + " of Secret "
                                + secret.getSecretName() + " (expected: one of " + SECRETS + ")")));
        workload.pod().getVolumes().stream()
                .filter(volume -> volume.getConfigMap() != null)
                .map(volume -> volume.getConfigMap().getName())
                .filter(name -> Environment.configMap(manifests, name).isEmpty())
                .forEach(name -> found.add(workload + ": ConfigMap " + name + " is not there"));
    }

    private static void named(Manifests manifests, Workload workload, List<String> found) {
        String account = workload.pod().getServiceAccountName();
        if (account != null && manifests.find(ServiceAccount.class, account).isEmpty()) {
            found.add(workload + ": ServiceAccount " + account + " is not there");
        }
        String priority = workload.pod().getPriorityClassName();
        if (priority != null && manifests.find(PriorityClass.class, priority).isEmpty()) {
            found.add(workload + ": PriorityClass " + priority + " is not there");
        }
    }

    private static void unused(Manifests manifests, List<String> found) {
        Set<String> used = new HashSet<>();
        for (Workload workload : manifests.workloads()) {
            workload.pod().getVolumes().stream()
                    .filter(volume -> volume.getConfigMap() != null)
                    .forEach(volume -> used.add(volume.getConfigMap().getName()));
            workload.containers()
                    .flatMap(container -> container.getEnvFrom().stream())
                    .forEach(source -> used.add(source.getConfigMapRef().getName()));
        }
        manifests.all(ConfigMap.class).stream()
                .map(map -> map.getMetadata().getName())
                .filter(name -> !used.contains(name))
                .forEach(name -> found.add("ConfigMap " + name + ": nobody uses it"));
    }
}
