// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.kubernetes;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.faultline.deploy.ServiceSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** No more pods of a service than it can have today: docs/decisions/0017 and 0018. */
final class ScalingCheck implements Check {
    @Override
    public List<String> violations(Manifests manifests) {
        List<String> found = new ArrayList<>();
        pairs(manifests, found);
        pagers(manifests, found);
        manifests.all(HorizontalPodAutoscaler.class).forEach(scaler -> autoscaled(manifests, scaler, found));
        return found;
    }

    /** vcpu-service N publishes to notifier-service N. */
    private static void pairs(Manifests manifests, List<String> found) {
        int vcpu = replicas(manifests.find(StatefulSet.class, "vcpu-service").orElseThrow());
        int notifier =
                replicas(manifests.find(StatefulSet.class, "notifier-service").orElseThrow());
        if (vcpu != notifier) {
            found.add("StatefulSet notifier-service: " + notifier + " replicas (expected: " + vcpu
                    + ", one for each vcpu-service)");
        }
        String target = Environment.of(
                        manifests, manifests.workload("vcpu-service").container())
                .values()
                .getOrDefault("NOTIFIER_TARGET", "");
        if (!target.startsWith("notifier-service-" + Environment.UNKNOWN + ".notifier-service:")) {
            found.add("StatefulSet vcpu-service: NOTIFIER_TARGET is " + target
                    + " (expected: the notifier-service of the pod's own number)");
        }
    }

    /** Even one pager becomes two while it is rolled out. */
    private static void pagers(Manifests manifests, List<String> found) {
        Workload pager = manifests.workload("pager-service");
        String store =
                Environment.of(manifests, pager.container()).get("PAGER_STORE", ServiceSettings.of("pager-service"));
        if (!store.matches("rediss?(-cluster)?://.*")) {
            found.add(pager + ": PAGER_STORE is " + store + " (expected: a store that several pagers share)");
        }
    }

    private static void autoscaled(Manifests manifests, HorizontalPodAutoscaler scaler, List<String> found) {
        String name = scaler.getSpec().getScaleTargetRef().getName();
        if (!name.equals("pager-service")) {
            found.add(Manifests.nameOf(scaler) + ": scales " + name
                    + " (expected: pager-service, the only one whose pods hold nothing that would be lost)");
        }
        manifests
                .find(Deployment.class, name)
                .filter(deployment -> deployment.getSpec().getReplicas() != null)
                .ifPresent(deployment -> found.add(Manifests.nameOf(deployment)
                        + ": says replicas (expected: none, the autoscaler says how many)"));
    }

    private static int replicas(StatefulSet set) {
        return Objects.requireNonNullElse(set.getSpec().getReplicas(), 1);
    }
}
