// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.PodMonitor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SelectorCheckTest {
    private static final String NAME = "app.kubernetes.io/name";

    private final Manifests manifests = Manifests.of("overlays/production");

    @Test
    void aServiceThatSelectsNothingIsFound() {
        manifests.with(
                Service.class, "pager-service", service -> service.getSpec().setSelector(Map.of(NAME, "pager")));

        assertThat(violations()).containsExactly("Service pager-service: selects [] (expected: one workload)");
    }

    @Test
    void aWorkloadThatDoesNotSelectItsOwnPodsIsFound() {
        manifests.with(
                Deployment.class,
                "pager-service",
                pager -> pager.getSpec().getSelector().setMatchLabels(Map.of(NAME, "pager")));

        assertThat(violations()).containsExactly("Deployment pager-service: its selector does not select its own pods");
    }

    @Test
    void aStatefulSetWithoutItsHeadlessServiceIsFound() {
        manifests.with(
                Service.class, "vcpu-service", service -> service.getSpec().setClusterIP(null));

        assertThat(violations())
                .containsExactly("StatefulSet vcpu-service: serviceName vcpu-service"
                        + " (expected: a headless Service that selects its pods)");
    }

    @Test
    void aSpreadOverOthersPodsIsFound() {
        manifests.with(
                StatefulSet.class,
                "vcpu-service",
                set -> set.getSpec()
                        .getTemplate()
                        .getSpec()
                        .getTopologySpreadConstraints()
                        .getFirst()
                        .getLabelSelector()
                        .setMatchLabels(Map.of(NAME, "pager-service")));

        assertThat(violations())
                .containsExactly("StatefulSet vcpu-service: is spread by kubernetes.io/hostname"
                        + " among pods that are not its own");
    }

    @Test
    void aDisruptionBudgetOfNobodyIsFound() {
        manifests.with(
                PodDisruptionBudget.class,
                "notifier-service",
                budget -> budget.getSpec().getSelector().setMatchLabels(Map.of(NAME, "notifier")));

        assertThat(violations())
                .containsExactly(
                        "PodDisruptionBudget notifier-service: selects [] (expected: the workload of its name)");
    }

    @Test
    void anAutoscalerOfAKindThatDoesNotExistIsFound() {
        manifests.with(
                HorizontalPodAutoscaler.class,
                "pager-service",
                scaler -> scaler.getSpec().getScaleTargetRef().setKind("StatefulSet"));

        assertThat(violations())
                .containsExactly("HorizontalPodAutoscaler pager-service: scales StatefulSet pager-service,"
                        + " which is not there");
    }

    @Test
    void aNetworkPolicyForNobodyIsFound() {
        manifests.with(
                NetworkPolicy.class,
                "notifier-service",
                policy -> policy.getSpec().getPodSelector().setMatchLabels(Map.of(NAME, "notifier")));

        assertThat(violations())
                .containsExactly(
                        "NetworkPolicy notifier-service: names pods that nothing makes: {" + NAME + "=notifier}[]");
    }

    @Test
    void aNetworkPolicyThatLetsNobodyInIsFound() {
        manifests.with(
                NetworkPolicy.class,
                "pager-service",
                policy -> policy.getSpec()
                        .getIngress()
                        .getFirst()
                        .getFrom()
                        .getFirst()
                        .getPodSelector()
                        .setMatchLabels(Map.of(NAME, "vcpu")));

        assertThat(violations())
                .containsExactly("NetworkPolicy pager-service: names pods that nothing makes: {" + NAME + "=vcpu}[]");
    }

    @Test
    void aPodMonitorThatOverlooksAServiceIsFound() {
        manifests.with(
                PodMonitor.class,
                "faultline",
                monitor -> monitor.getSpec()
                        .getSelector()
                        .getMatchExpressions()
                        .getFirst()
                        .setValues(List.of("vcpu-service", "pager-service")));

        assertThat(violations()).containsExactly("PodMonitor faultline: does not select the pods of notifier-service");
    }

    @Test
    void aPodMonitorOfAPortThatIsNotThereIsFound() {
        manifests.with(
                PodMonitor.class,
                "faultline",
                monitor -> monitor.getSpec().getPodMetricsEndpoints().getFirst().setPort("metrics"));

        assertThat(violations()).hasSize(3).contains("PodMonitor faultline: vcpu-service has no port metrics");
    }

    @Test
    void aJobThatDoesNotBearTheServicesNameIsFound() {
        manifests.with(
                PodMonitor.class, "faultline", monitor -> monitor.getSpec().setJobLabel("app.kubernetes.io/part-of"));

        assertThat(violations())
                .hasSize(3)
                .contains("PodMonitor faultline: the job of vcpu-service is faultline (expected: its name)");
    }

    private List<String> violations() {
        return new SelectorCheck().violations(manifests);
    }
}
