// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.grafana;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** What every dashboard owes to the person who looks at it, beyond data; each finding is a sentence. */
final class DashboardChecks {
    private static final String DATA_SOURCE = "${datasource}";
    private static final int DESCRIPTION_MIN = 40;
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{?(\\w+)");
    private static final Pattern LINK = Pattern.compile("/d/([^/?]+)");

    private final List<Dashboard> dashboards;
    private final Set<String> metrics;
    private final List<String> findings = new ArrayList<>();

    /**
     * Checks of these dashboards.
     *
     * @param dashboards all that link to each other
     * @param metrics the names that their queries may read
     */
    DashboardChecks(List<Dashboard> dashboards, Set<String> metrics) {
        this.dashboards = dashboards;
        this.metrics = metrics;
    }

    /** All that is wrong, in the dashboards' order. */
    List<String> findings() {
        Set<String> uids = new HashSet<>();
        for (Dashboard dashboard : dashboards) {
            if (dashboard.uid().isEmpty() || !uids.add(dashboard.uid())) {
                find(dashboard.title(), "its uid is empty or taken: " + dashboard.uid());
            }
            checkLinks(dashboard);
            checkVariables(dashboard);
            checkGrid(dashboard);
            checkTitles(dashboard);
            dashboard.panels().forEach(panel -> checkPanel(dashboard, panel));
            checkQueries(dashboard);
        }
        return findings;
    }

    private void checkLinks(Dashboard dashboard) {
        boolean isTagged = Dashboard.elements(dashboard.json().path("tags"))
                .anyMatch(tag -> tag.asString().equals(DashboardJson.TAG));
        boolean linksByTag = Dashboard.elements(dashboard.json().path("links"))
                .flatMap(link -> Dashboard.elements(link.path("tags")))
                .anyMatch(tag -> tag.asString().equals(DashboardJson.TAG));
        if (!isTagged || !linksByTag) {
            find(dashboard.title(), "it is not linked with the others");
        }
    }

    private void checkVariables(Dashboard dashboard) {
        Set<String> offered = dashboard.variables().stream()
                .map(variable -> variable.path("name").asString(""))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> used = new TreeSet<>();
        Matcher names = VARIABLE.matcher(dashboard.json().toString());
        while (names.find()) {
            if (!names.group(1).startsWith("__")) {
                used.add(names.group(1));
            }
        }
        if (!offered.equals(used)) {
            find(dashboard.title(), "it offers the variables " + offered + " and uses " + used);
        }
    }

    private void checkGrid(Dashboard dashboard) {
        Map<String, String> cells = new HashMap<>();
        Set<Integer> ids = new HashSet<>();
        for (JsonNode panel : dashboard.grid()) {
            String title = panel.path("title").asString("");
            if (!ids.add(panel.path("id").asInt())) {
                find(dashboard.title() + " / " + title, "its id is taken");
            }
            JsonNode place = panel.path("gridPos");
            int right = place.path("x").asInt() + place.path("w").asInt();
            int bottom = place.path("y").asInt() + place.path("h").asInt();
            if (right > DashboardJson.GRID_WIDTH) {
                find(dashboard.title() + " / " + title, "it is outside the grid");
            }
            Set<String> others = new TreeSet<>();
            for (int x = place.path("x").asInt(); x < right; x++) {
                for (int y = place.path("y").asInt(); y < bottom; y++) {
                    String other = cells.put(x + "," + y, title);
                    if (other != null) {
                        others.add(other);
                    }
                }
            }
            others.forEach(other -> find(dashboard.title() + " / " + title, "it covers " + other));
        }
    }

    private void checkTitles(Dashboard dashboard) {
        Set<String> titles = new HashSet<>();
        String heading = "";
        for (JsonNode panel : dashboard.grid()) {
            String title = panel.path("title").asString("");
            if (panel.path("type").asString("").equals("row")) {
                heading = title;
            } else if (!titles.add(heading + " / " + title)) {
                find(dashboard.title() + " / " + title, "its title is taken under " + heading);
            }
        }
    }

    private void checkPanel(Dashboard dashboard, JsonNode panel) {
        String title = panel.path("title").asString("");
        String where = dashboard.title() + " / " + title;
        if (title.isBlank()) {
            find(where, "it has no title");
        }
        if (panel.path("description").asString("").length() < DESCRIPTION_MIN) {
            find(where, "its description is missing or says too little");
        }
        JsonNode defaults = panel.path("fieldConfig").path("defaults");
        if (defaults.path("unit").asString("").isBlank()) {
            find(where, "it has no unit");
        }
        if (defaults.path("thresholds").path("steps").isEmpty()) {
            find(where, "it has no colour below its first threshold");
        }
        if (!usesDataSource(panel) || !Dashboard.elements(panel.path("targets")).allMatch(this::usesDataSource)) {
            find(where, "it does not use the data source that was chosen");
        }
        if (panel.path("targets").isEmpty()) {
            find(where, "it has no query");
        }
        for (JsonNode target : panel.path("targets")) {
            if (target.path("legendFormat").asString("").isBlank()) {
                find(where, "a query has no legend");
            }
        }
        for (JsonNode link : panel.path("links")) {
            Matcher target = LINK.matcher(link.path("url").asString(""));
            if (!target.find()
                    || dashboards.stream().noneMatch(other -> other.uid().equals(target.group(1)))) {
                find(where, "its link leads nowhere: " + link.path("url").asString(""));
            }
        }
    }

    private boolean usesDataSource(JsonNode element) {
        return element.path("datasource").path("uid").asString("").equals(DATA_SOURCE);
    }

    private void checkQueries(Dashboard dashboard) {
        for (Dashboard.PanelQuery query : dashboard.queries()) {
            Set<String> unknown = new TreeSet<>(query.metrics());
            unknown.removeAll(metrics);
            if (!unknown.isEmpty()) {
                find(query.panel(), "docs/metrics.md does not know " + unknown);
            }
            if (query.metrics().isEmpty()) {
                find(query.panel(), "it reads no metric");
            }
        }
    }

    private void find(String where, String what) {
        findings.add(where + ": " + what);
    }
}
