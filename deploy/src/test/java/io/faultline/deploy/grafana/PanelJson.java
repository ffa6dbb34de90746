// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.grafana;

import io.faultline.deploy.grafana.DashboardSource.Panel;
import io.faultline.deploy.grafana.DashboardSource.Query;
import io.faultline.deploy.grafana.DashboardSource.Threshold;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Writes a panel as Grafana stores it. */
final class PanelJson {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Shared shared;

    PanelJson(Shared shared) {
        this.shared = shared;
    }

    /** The reference by which a panel uses the data source that was chosen at the top. */
    static ObjectNode dataSource() {
        return JSON.objectNode().put("type", "prometheus").put("uid", "${datasource}");
    }

    /** The panel without its place in the grid. */
    ObjectNode write(int id, Panel panel) {
        ObjectNode json = JSON.objectNode()
                .put("id", id)
                .put("type", panel.type().pluginId())
                .put("title", panel.title())
                .put("description", panel.description().strip());
        json.set("datasource", dataSource());
        json.set("fieldConfig", fieldConfig(panel));
        json.set("options", PanelOptions.of(panel));
        json.set("links", links(panel));
        json.set("targets", targets(panel));
        if (panel.type() == PanelType.TABLE) {
            json.set("transformations", onlyLabels());
        }
        return json;
    }

    /** A table is of labels: of a sample, neither its time nor its value, 1, says anything. */
    private static ArrayNode onlyLabels() {
        ArrayNode transformations = JSON.arrayNode();
        transformations
                .addObject()
                .put("id", "organize")
                .putObject("options")
                .putObject("excludeByName")
                .put("Time", true)
                .put("Value", true);
        return transformations;
    }

    private static ArrayNode targets(Panel panel) {
        ArrayNode targets = JSON.arrayNode();
        char refId = 'A';
        for (Query query : panel.queries()) {
            ObjectNode target = targets.addObject();
            target.put("refId", String.valueOf(refId++));
            target.set("datasource", dataSource());
            target.put("expr", query.expr().strip())
                    .put("legendFormat", query.legend())
                    .put("editorMode", "code")
                    .put("range", !panel.type().isInstant())
                    .put("instant", panel.type().isInstant())
                    .put("format", format(panel.type()));
        }
        return targets;
    }

    private static String format(PanelType type) {
        return switch (type) {
            case HEATMAP -> "heatmap";
            case TABLE -> "table";
            case TIMESERIES, STAT, STATE_TIMELINE -> "time_series";
        };
    }

    private static ArrayNode links(Panel panel) {
        ArrayNode links = JSON.arrayNode();
        if (panel.link() != null) {
            links.addObject()
                    .put("title", "Read on")
                    .put("url", "/d/" + panel.link() + "?${__url_time_range}&${datasource:queryparam}");
        }
        return links;
    }

    private ObjectNode fieldConfig(Panel panel) {
        ObjectNode defaults = JSON.objectNode().put("unit", panel.unit());
        if (panel.type() != PanelType.HEATMAP) {
            defaults.put("min", panel.min() == null ? 0 : panel.min());
        }
        if (panel.max() != null) {
            defaults.put("max", panel.max());
        }
        if (panel.decimals() != null) {
            defaults.put("decimals", panel.decimals());
        }
        defaults.putObject("color")
                .put("mode", panel.type() == PanelType.TIMESERIES ? "palette-classic" : "thresholds");
        defaults.set("thresholds", thresholds(panel));
        defaults.set("mappings", mappings(panel));
        defaults.set("custom", PanelOptions.custom(panel));
        ObjectNode config = JSON.objectNode();
        config.set("defaults", defaults);
        config.set("overrides", overrides(panel));
        return config;
    }

    private static ObjectNode thresholds(Panel panel) {
        List<Threshold> thresholds =
                panel.thresholds() == null ? List.of(new Threshold(null, "text")) : panel.thresholds();
        ObjectNode json = JSON.objectNode().put("mode", "absolute");
        ArrayNode steps = json.putArray("steps");
        for (Threshold threshold : thresholds) {
            steps.addObject().put("value", threshold.value()).put("color", threshold.colour());
        }
        return json;
    }

    private static ArrayNode mappings(Panel panel) {
        ArrayNode mappings = JSON.arrayNode();
        if (panel.values() != null) {
            ObjectNode options = mappings.addObject().put("type", "value").putObject("options");
            panel.values()
                    .forEach((number, value) ->
                            options.putObject(number).put("text", value.text()).put("color", value.colour()));
        }
        return mappings;
    }

    private ArrayNode overrides(Panel panel) {
        ArrayNode overrides = JSON.arrayNode();
        if (panel.palette() == null) {
            return overrides;
        }
        Map<String, String> palette = shared.palettes().get(panel.palette());
        if (palette == null) {
            throw new IllegalArgumentException("palette: " + panel.palette() + " (expected: one of "
                    + shared.palettes().keySet() + ")");
        }
        palette.forEach((series, colour) -> {
            ObjectNode override = overrides.addObject();
            override.putObject("matcher").put("id", "byName").put("options", series);
            ObjectNode property = override.putArray("properties").addObject().put("id", "color");
            property.putObject("value").put("mode", "fixed").put("fixedColor", colour);
        });
        return overrides;
    }
}
