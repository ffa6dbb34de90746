// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Fields whose type is text, but which take a few words only, hold one of these. */
final class VocabularyCheck implements Check {
    private static final Set<String> PSS = Set.of("restricted");
    private static final Map<String, Set<String>> WORDS = Map.ofEntries(
            Map.entry("clusterIP", Set.of("None")),
            Map.entry("imagePullPolicy", Set.of("IfNotPresent", "Always")),
            Map.entry("medium", Set.of("Memory")),
            Map.entry("operator", Set.of("In", "NotIn", "Exists", "DoesNotExist")),
            Map.entry("pod-security.kubernetes.io/audit", PSS),
            Map.entry("pod-security.kubernetes.io/enforce", PSS),
            Map.entry("pod-security.kubernetes.io/warn", PSS),
            Map.entry("podManagementPolicy", Set.of("Parallel", "OrderedReady")),
            Map.entry("policyTypes", Set.of("Ingress", "Egress")),
            Map.entry("preemptionPolicy", Set.of("PreemptLowerPriority", "Never")),
            Map.entry("protocol", Set.of("TCP", "UDP")),
            Map.entry("restartPolicy", Set.of("OnFailure", "Never")),
            Map.entry("accessModes", Set.of("ReadWriteOnce")),
            Map.entry("metrics.type", Set.of("Pods")),
            Map.entry("policies.type", Set.of("Pods", "Percent")),
            Map.entry("seccompProfile.type", Set.of("RuntimeDefault")),
            Map.entry("strategy.type", Set.of("RollingUpdate", "Recreate")),
            Map.entry("target.type", Set.of("AverageValue")),
            Map.entry("updateStrategy.type", Set.of("RollingUpdate", "OnDelete")),
            Map.entry("topologyKey", Set.of("kubernetes.io/hostname", "topology.kubernetes.io/zone")),
            Map.entry("unhealthyPodEvictionPolicy", Set.of("AlwaysAllow", "IfHealthyBudget")),
            Map.entry("whenDeleted", Set.of("Delete", "Retain")),
            Map.entry("whenScaled", Set.of("Delete", "Retain")),
            Map.entry("whenUnsatisfiable", Set.of("DoNotSchedule", "ScheduleAnyway")));

    private final ObjectMapper mapper = new ObjectMapper();

    @Override
    public List<String> violations(Manifests manifests) {
        List<String> found = new ArrayList<>();
        manifests.objects().forEach(object -> look(Manifests.nameOf(object), "", mapper.valueToTree(object), found));
        return found;
    }

    private static void look(String object, String parent, JsonNode node, List<String> found) {
        node.properties().forEach(field -> {
            String name = field.getKey().equals("type") ? parent + ".type" : field.getKey();
            JsonNode value = field.getValue();
            Iterable<JsonNode> values = value.isArray() ? value : List.of(value);
            for (JsonNode one : values) {
                if (one.isTextual()) {
                    word(object, name, one.asText(), found);
                } else {
                    look(object, field.getKey(), one, found);
                }
            }
        });
    }

    private static void word(String object, String name, String value, List<String> found) {
        Set<String> words = WORDS.get(name);
        boolean isWrong = words == null ? name.endsWith(".type") : !words.contains(value);
        if (isWrong) {
            found.add(object + ": " + name + " is " + value + " (expected: one of "
                    + (words == null ? "none" : new TreeSet<>(words)) + ")");
        }
    }
}
