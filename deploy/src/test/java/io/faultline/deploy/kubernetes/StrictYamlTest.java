// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StrictYamlTest {
    /* Fields whose keys are names of the user's own. */
    private static final Set<String> FREE =
            Set.of("annotations", "data", "labels", "limits", "matchLabels", "nodeSelector", "requests", "selector");

    @ParameterizedTest
    @ValueSource(strings = {"overlays/local-prometheus", "overlays/production", "replay"})
    void aMisspeltFieldIsRefusedInEveryObjectAtEveryDepth(String kustomization) {
        List<String> accepted = new ArrayList<>();
        int[] tried = {0};
        for (JsonNode tree : StrictYaml.trees(Kustomize.build(kustomization))) {
            String name = tree.path("kind").asText() + " "
                    + tree.path("metadata").path("name").asText();
            for (ObjectNode node : typedNodes(tree, "")) {
                tried[0]++;
                node.put("misspelt", "value");
                try {
                    StrictYaml.object(tree);
                    accepted.add(name + ": " + node);
                } catch (IllegalArgumentException refused) {
                    assertThat(refused).hasMessageContaining("misspelt").hasMessageContaining(name);
                }
                node.remove("misspelt");
            }
            assertThat(StrictYaml.object(tree)).isNotNull();
        }
        assertThat(accepted).isEmpty();
        assertThat(tried[0]).isGreaterThan(10);
    }

    private static List<ObjectNode> typedNodes(JsonNode node, String field) {
        List<ObjectNode> found = new ArrayList<>();
        if (node instanceof ObjectNode object && !isFree(field, object)) {
            found.add(object);
            object.properties().forEach(entry -> found.addAll(typedNodes(entry.getValue(), entry.getKey())));
        } else if (node.isArray()) {
            node.forEach(element -> found.addAll(typedNodes(element, field)));
        }
        return found;
    }

    /* A Service's selector is a map of labels; elsewhere a selector has fields. */
    private static boolean isFree(String field, ObjectNode node) {
        return field.equals("selector")
                ? !node.has("matchLabels") && !node.has("matchExpressions")
                : FREE.contains(field);
    }

    @Test
    void aNumberWhereTextIsWantedIsRefused() {
        String yaml = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ports}\ndata: {PORT: 7001}\n";

        assertThatThrownBy(() -> StrictYaml.trees(yaml).forEach(StrictYaml::object))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ConfigMap ports")
                .hasMessageContaining("String");
    }

    @Test
    void textWhereANumberIsWantedIsRefused() {
        String yaml = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: some}\nspec: {replicas: \"3\"}\n";

        assertThatThrownBy(() -> StrictYaml.trees(yaml).forEach(StrictYaml::object))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Deployment some")
                .hasMessageContaining("Integer");
    }

    @Test
    void aKindOfAnotherVersionIsRefused() {
        String yaml = "apiVersion: autoscaling/v1\nkind: HorizontalPodAutoscaler\nmetadata: {name: old}\n";

        assertThatThrownBy(() -> StrictYaml.trees(yaml).forEach(StrictYaml::object))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("autoscaling/v1/HorizontalPodAutoscaler: unknown");
    }
}
