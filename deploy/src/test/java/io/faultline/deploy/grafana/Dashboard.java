// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.grafana;

import io.faultline.deploy.prometheus.MetricNames;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A dashboard as Grafana stores it, with what checks ask of it.
 *
 * @param json all of it
 */
record Dashboard(ObjectNode json) {
    /** A query of a panel: where it stands, the expression, and whether one sample is asked for instead of a range. */
    record PanelQuery(String panel, String expr, boolean isInstant) {
        /** The metrics that it reads. */
        Set<String> metrics() {
            return MetricNames.of(expr);
        }
    }

    /** The identity that links name. */
    String uid() {
        return json.path("uid").asString("");
    }

    /** What people see. */
    String title() {
        return json.path("title").asString("");
    }

    /** The panels that draw something: all but the rows' headings. */
    List<JsonNode> panels() {
        return elements(json.path("panels"))
                .filter(panel -> !panel.path("type").asString("").equals("row"))
                .toList();
    }

    /** The panels and the headings. */
    List<JsonNode> grid() {
        return elements(json.path("panels")).toList();
    }

    /** What can be chosen at the top. */
    List<JsonNode> variables() {
        return elements(json.path("templating").path("list")).toList();
    }

    /** Every query of every panel. */
    List<PanelQuery> queries() {
        return panels().stream()
                .flatMap(panel -> elements(panel.path("targets"))
                        .map(target -> new PanelQuery(
                                title() + " / " + panel.path("title").asString(""),
                                target.path("expr").asString(""),
                                target.path("instant").asBoolean(false))))
                .toList();
    }

    /** The elements of an array, none if it is missing. */
    static Stream<JsonNode> elements(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }
}
