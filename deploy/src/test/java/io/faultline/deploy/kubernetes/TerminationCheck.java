// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.kubernetes;

import io.fabric8.kubernetes.api.model.Lifecycle;
import io.faultline.deploy.ServiceSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A pod that is told to end has the time for it: while it sleeps the cluster takes its address out of DNS, then the service
 * drains as its settings say (docs/bounds.md, "Ends").
 */
final class TerminationCheck implements Check {
    private static final int PRE_STOP_MIN_S = 3;
    private static final int SLACK_S = 5;

    @Override
    public List<String> violations(Manifests manifests) {
        List<String> found = new ArrayList<>();
        manifests.workloads().stream()
                .filter(Workload::isService)
                .forEach(workload -> check(manifests, workload, found));
        return found;
    }

    private static void check(Manifests manifests, Workload workload, List<String> found) {
        int preStopS = Optional.ofNullable(workload.container().getLifecycle())
                .map(Lifecycle::getPreStop)
                .map(handler -> handler.getSleep())
                .map(sleep -> sleep.getSeconds().intValue())
                .orElse(0);
        if (preStopS < PRE_STOP_MIN_S) {
            found.add(workload + ": preStop sleeps " + preStopS + " s (expected: at least " + PRE_STOP_MIN_S
                    + " s, in which DNS forgets the pod)");
        }
        ServiceSettings settings = ServiceSettings.of(workload.name());
        Environment environment = Environment.of(manifests, workload.container());
        int needsS = preStopS + ownEndS(settings, environment) + settings.grpcGraceSeconds() + SLACK_S;
        Long graceS = workload.pod().getTerminationGracePeriodSeconds();
        if (graceS == null || graceS < needsS) {
            found.add(
                    workload + ": terminationGracePeriodSeconds is " + graceS + " (expected: at least " + needsS + ")");
        }
    }

    /** What the service takes at most beside gRPC's grace period: its drain, and its dependencies' last words. */
    private static int ownEndS(ServiceSettings settings, Environment environment) {
        int auditCloseS = 7;
        return switch (settings.service()) {
            case "vcpu-service" -> {
                int peerWaitS = 2;
                int disconnectS = 1;
                yield drainS(settings, environment) + peerWaitS + disconnectS + auditCloseS;
            }
            case "pager-service" -> {
                int endOfStreamsS = 1;
                int storeCloseS = 21;
                yield drainS(settings, environment) + endOfStreamsS + storeCloseS;
            }
            case "notifier-service" -> {
                int drainS = 1;
                yield drainS + auditCloseS;
            }
            default -> throw new IllegalArgumentException(settings.service());
        };
    }

    private static int drainS(ServiceSettings settings, Environment environment) {
        return Math.ceilDiv(Integer.parseInt(environment.get(settings.prefix() + "DRAIN_MS", settings)), 1000);
    }
}
