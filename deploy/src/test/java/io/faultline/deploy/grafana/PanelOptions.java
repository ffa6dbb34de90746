// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.grafana;

import io.faultline.deploy.grafana.DashboardSource.Panel;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What Grafana's kinds of panel want to be told, the same for every panel of a kind. */
final class PanelOptions {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private PanelOptions() {}

    /** The panel's {@code options}. */
    static ObjectNode of(Panel panel) {
        return switch (panel.type()) {
            case TIMESERIES -> timeseries();
            case STAT -> stat();
            case HEATMAP -> heatmap(panel.unit());
            case STATE_TIMELINE -> stateTimeline();
            case TABLE -> JSON.objectNode().put("showHeader", true).put("cellHeight", "sm");
        };
    }

    /** The panel's {@code fieldConfig.defaults.custom}. */
    static ObjectNode custom(Panel panel) {
        ObjectNode custom = JSON.objectNode();
        switch (panel.type()) {
            case TIMESERIES -> {
                custom.put("drawStyle", "line")
                        .put("lineWidth", 1)
                        .put("fillOpacity", panel.isStacked() ? 40 : 8)
                        .put("showPoints", "never")
                        .put("spanNulls", false)
                        .put("axisSoftMin", 0);
                custom.putObject("stacking")
                        .put("mode", panel.isStacked() ? "normal" : "none")
                        .put("group", "A");
                custom.putObject("thresholdsStyle").put("mode", panel.thresholds() == null ? "off" : "dashed");
            }
            case STATE_TIMELINE -> custom.put("fillOpacity", 70).put("lineWidth", 0);
            case TABLE -> custom.put("align", "auto").put("filterable", true);
            case STAT, HEATMAP -> {
                // Nothing of their own.
            }
        }
        return custom;
    }

    private static ObjectNode timeseries() {
        ObjectNode options = JSON.objectNode();
        ObjectNode legend = options.putObject("legend")
                .put("displayMode", "table")
                .put("placement", "bottom")
                .put("showLegend", true);
        legend.putArray("calcs").add("lastNotNull").add("max");
        options.putObject("tooltip").put("mode", "multi").put("sort", "desc");
        return options;
    }

    private static ObjectNode stat() {
        ObjectNode options = JSON.objectNode()
                .put("colorMode", "value")
                .put("graphMode", "area")
                .put("textMode", "auto")
                .put("justifyMode", "auto")
                .put("orientation", "auto");
        ObjectNode reduce = options.putObject("reduceOptions").put("fields", "").put("values", false);
        reduce.putArray("calcs").add("lastNotNull");
        return options;
    }

    private static ObjectNode heatmap(String unit) {
        ObjectNode options = JSON.objectNode().put("calculate", false).put("cellGap", 1);
        options.putObject("yAxis").put("unit", unit).put("axisPlacement", "left");
        options.putObject("color")
                .put("mode", "scheme")
                .put("scheme", "Oranges")
                .put("scale", "exponential")
                .put("exponent", 0.5)
                .put("steps", 64);
        options.putObject("filterValues").put("le", 1e-9);
        options.putObject("legend").put("show", true);
        options.putObject("tooltip").put("mode", "single").put("yHistogram", true);
        return options;
    }

    private static ObjectNode stateTimeline() {
        ObjectNode options = JSON.objectNode()
                .put("mergeValues", true)
                .put("showValue", "auto")
                .put("rowHeight", 0.8);
        options.putObject("legend")
                .put("displayMode", "list")
                .put("placement", "bottom")
                .put("showLegend", true);
        options.putObject("tooltip").put("mode", "single");
        return options;
    }
}
