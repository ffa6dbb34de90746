// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.kubernetes;

import static io.faultline.deploy.kubernetes.Manifests.nameOf;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.CrossVersionObjectReference;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.PodMonitor;
import io.faultline.deploy.ServiceSettings;
import java.util.ArrayList;
import java.util.List;

/** Whatever selects pods, or names a workload, finds the one it is for. */
final class SelectorCheck implements Check {
    /** The label by which pods of users become clients; there may be none of them yet. */
    static final String CLIENT_LABEL = "faultline.io/client";

    @Override
    public List<String> violations(Manifests manifests) {
        List<String> found = new ArrayList<>();
        manifests.all(Service.class).stream()
                .filter(service -> manifests.behind(service).count() != 1)
                .forEach(service -> found.add(nameOf(service) + ": selects "
                        + manifests.behind(service).toList() + " (expected: one workload)"));
        manifests.workloads().forEach(workload -> ownSelectors(manifests, workload, found));
        manifests
                .all(PodDisruptionBudget.class)
                .forEach(budget ->
                        selectsOne(manifests, nameOf(budget), budget.getSpec().getSelector(), found));
        manifests
                .all(HorizontalPodAutoscaler.class)
                .forEach(scaler ->
                        targetExists(manifests, nameOf(scaler), scaler.getSpec().getScaleTargetRef(), found));
        manifests.all(NetworkPolicy.class).forEach(policy -> policySelects(manifests, policy, found));
        manifests.all(PodMonitor.class).forEach(monitor -> monitorSelects(manifests, monitor, found));
        return found;
    }

    private static void ownSelectors(Manifests manifests, Workload workload, List<String> found) {
        LabelSelector own = switch (workload.owner()) {
            case Deployment deployment -> deployment.getSpec().getSelector();
            case StatefulSet set -> {
                headlessService(manifests, set, found);
                yield set.getSpec().getSelector();
            }
            default -> new LabelSelector();
        };
        if (!Selectors.select(own, workload.labels())) {
            found.add(workload + ": its selector does not select its own pods");
        }
        workload.pod().getTopologySpreadConstraints().stream()
                .filter(spread -> !Selectors.select(spread.getLabelSelector(), workload.labels()))
                .forEach(spread -> found.add(
                        workload + ": is spread by " + spread.getTopologyKey() + " among pods that are not its own"));
    }

    private static void headlessService(Manifests manifests, StatefulSet set, List<String> found) {
        boolean isThere = manifests.all(Service.class).stream()
                .filter(service ->
                        service.getMetadata().getName().equals(set.getSpec().getServiceName()))
                .filter(service -> "None".equals(service.getSpec().getClusterIP()))
                .flatMap(manifests::behind)
                .anyMatch(workload -> workload.name().equals(set.getMetadata().getName()));
        if (!isThere) {
            found.add(nameOf(set) + ": serviceName " + set.getSpec().getServiceName()
                    + " (expected: a headless Service that selects its pods)");
        }
    }

    private static void selectsOne(Manifests manifests, String name, LabelSelector selector, List<String> found) {
        List<Workload> selected = manifests.workloads().stream()
                .filter(workload -> Selectors.select(selector, workload.labels()))
                .toList();
        if (selected.size() != 1 || !name.endsWith(" " + selected.getFirst().name())) {
            found.add(name + ": selects " + selected + " (expected: the workload of its name)");
        }
    }

    private static void targetExists(
            Manifests manifests, String name, CrossVersionObjectReference target, List<String> found) {
        boolean isThere = manifests.workloads().stream()
                .map(Workload::owner)
                .anyMatch(owner -> owner.getApiVersion().equals(target.getApiVersion())
                        && owner.getKind().equals(target.getKind())
                        && owner.getMetadata().getName().equals(target.getName()));
        if (!isThere) {
            found.add(name + ": scales " + target.getKind() + " " + target.getName() + ", which is not there");
        }
    }

    private static void policySelects(Manifests manifests, NetworkPolicy policy, List<String> found) {
        List<LabelSelector> selectors = new ArrayList<>(List.of(policy.getSpec().getPodSelector()));
        NetworkPolicies.peers(policy)
                .filter(peer -> peer.getNamespaceSelector() == null && peer.getPodSelector() != null)
                .forEach(peer -> selectors.add(peer.getPodSelector()));
        selectors.stream()
                .filter(selector -> !selector.getMatchLabels().containsKey(CLIENT_LABEL))
                .filter(selector -> manifests.workloads().stream()
                        .noneMatch(workload -> Selectors.select(selector, workload.labels())))
                .forEach(selector -> found.add(nameOf(policy) + ": names pods that nothing makes: "
                        + selector.getMatchLabels() + selector.getMatchExpressions()));
    }

    private static void monitorSelects(Manifests manifests, PodMonitor monitor, List<String> found) {
        for (String service : ServiceSettings.NAMES) {
            Workload workload = manifests.workload(service);
            if (!Selectors.select(monitor.getSpec().getSelector(), workload.labels())) {
                found.add(nameOf(monitor) + ": does not select the pods of " + service);
            }
            monitor.getSpec().getPodMetricsEndpoints().stream()
                    .filter(endpoint -> workload.port(endpoint.getPort()).isEmpty())
                    .forEach(endpoint ->
                            found.add(nameOf(monitor) + ": " + service + " has no port " + endpoint.getPort()));
            String job = workload.labels().get(monitor.getSpec().getJobLabel());
            if (!service.equals(job)) {
                found.add(nameOf(monitor) + ": the job of " + service + " is " + job + " (expected: its name)");
            }
        }
    }
}
