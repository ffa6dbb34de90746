// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.grafana;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How a panel is drawn. */
enum PanelType {
    /** Lines over time. */
    @JsonProperty("timeseries")
    TIMESERIES("timeseries"),
    /** The last value, large. */
    @JsonProperty("stat")
    STAT("stat"),
    /** A histogram's buckets over time. */
    @JsonProperty("heatmap")
    HEATMAP("heatmap"),
    /** Coloured bars of state over time. */
    @JsonProperty("state-timeline")
    STATE_TIMELINE("state-timeline"),
    /** Labels and last values. */
    @JsonProperty("table")
    TABLE("table");

    private final String pluginId;

    PanelType(String pluginId) {
        this.pluginId = pluginId;
    }

    /** Grafana's name of it. */
    String pluginId() {
        return pluginId;
    }

    /** Whether one sample, the last, is asked for instead of a range. */
    boolean isInstant() {
        return this == TABLE;
    }
}
