// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.grafana;

import io.faultline.deploy.grafana.DashboardSource.Panel;
import io.faultline.deploy.grafana.DashboardSource.Row;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Writes a dashboard as Grafana stores it: the panels in their grid, the variables, the links to all others. */
final class DashboardJson {
    /** Every dashboard's tag, by which they link to each other. */
    static final String TAG = "faultline";

    /** The width of Grafana's grid. */
    static final int GRID_WIDTH = 24;

    /** The form that Grafana 11 and 12 read; newer ones convert it as they load it. */
    private static final int SCHEMA_VERSION = 39;

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Shared shared;
    private final PanelJson panels;

    DashboardJson(Shared shared) {
        this.shared = shared;
        panels = new PanelJson(shared);
    }

    /** The whole dashboard. */
    ObjectNode write(DashboardSource source) {
        ObjectNode json = JSON.objectNode()
                .put("uid", source.uid())
                .put("title", source.title())
                .put("description", source.description().strip())
                .put("schemaVersion", SCHEMA_VERSION)
                .put("version", 1)
                .put("editable", true)
                .put("graphTooltip", 1)
                .put("refresh", "10s")
                .put("timezone", "browser");
        json.putArray("tags").add(TAG);
        json.putObject("time").put("from", "now-1h").put("to", "now");
        json.set("links", links());
        json.putObject("templating").set("list", variables(source.variables()));
        json.set("panels", grid(source.rows()));
        return json;
    }

    private static ArrayNode links() {
        ArrayNode links = JSON.arrayNode();
        ObjectNode link = links.addObject()
                .put("title", "Faultline")
                .put("type", "dashboards")
                .put("asDropdown", false)
                .put("includeVars", true)
                .put("keepTime", true)
                .put("targetBlank", false);
        link.putArray("tags").add(TAG);
        return links;
    }

    private ArrayNode variables(List<String> names) {
        ArrayNode list = JSON.arrayNode();
        list.addObject()
                .put("name", "datasource")
                .put("label", "Data source")
                .put("description", "The Prometheus that scrapes the cluster.")
                .put("type", "datasource")
                .put("query", "prometheus")
                .put("refresh", 1);
        for (String name : names) {
            list.add(variable(name, shared.variables().get(name)));
        }
        return list;
    }

    private ObjectNode variable(String name, Shared.@Nullable Variable variable) {
        if (variable == null) {
            throw new IllegalArgumentException("variable: " + name + " (expected: one of "
                    + shared.variables().keySet() + ")");
        }
        ObjectNode json = JSON.objectNode()
                .put("name", name)
                .put("label", variable.label())
                .put("description", variable.description());
        if (variable.intervals() != null) {
            String first = variable.intervals().getFirst();
            json.put("type", "interval")
                    .put("query", String.join(",", variable.intervals()))
                    .put("auto", false)
                    .put("refresh", 2);
            json.putObject("current").put("text", first).put("value", first);
            return json;
        }
        json.put("type", "query").put("definition", variable.labelValues());
        json.set("datasource", PanelJson.dataSource());
        json.putObject("query").put("query", variable.labelValues()).put("refId", "variable");
        json.put("refresh", 2)
                .put("sort", 1)
                .put("multi", true)
                .put("includeAll", true)
                .put("allValue", ".*");
        json.putObject("current").put("text", "All").put("value", "$__all");
        return json;
    }

    private ArrayNode grid(List<Row> rows) {
        ArrayNode grid = JSON.arrayNode();
        int y = 0;
        for (Row row : rows) {
            ObjectNode heading = grid.addObject()
                    .put("id", grid.size())
                    .put("type", "row")
                    .put("title", row.title())
                    .put("collapsed", false);
            heading.putArray("panels");
            heading.set("gridPos", place(0, y++, GRID_WIDTH, 1));
            int x = 0;
            for (Panel panel : row.panels()) {
                if (x + panel.width() > GRID_WIDTH) {
                    x = 0;
                    y += row.height();
                }
                ObjectNode json = panels.write(grid.size() + 1, panel);
                json.set("gridPos", place(x, y, panel.width(), row.height()));
                grid.add(json);
                x += panel.width();
            }
            y += row.height();
        }
        return grid;
    }

    private static ObjectNode place(int x, int y, int width, int height) {
        return JSON.objectNode().put("x", x).put("y", y).put("w", width).put("h", height);
    }
}
