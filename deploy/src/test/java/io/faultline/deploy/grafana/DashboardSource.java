// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.grafana;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A dashboard in its short form, one file under {@code deploy/grafana/source}: what differs from panel to panel, and
 * nothing that Grafana repeats.
 *
 * @param uid the identity that links name; never changed once published
 * @param title what people see
 * @param description what it is for, in a sentence
 * @param variables the names of the variables that it offers beside the data source, from {@link Shared#variables}
 * @param rows its rows, top to bottom
 */
record DashboardSource(
        @JsonProperty(required = true) String uid,
        @JsonProperty(required = true) String title,
        @JsonProperty(required = true) String description,
        @JsonProperty(required = true) List<String> variables,
        @JsonProperty(required = true) List<Row> rows) {

    /**
     * Panels under one heading.
     *
     * @param title the heading
     * @param height the panels' height, in Grafana's grid units
     * @param panels left to right, wrapped where the width of the grid, 24, ends
     */
    record Row(
            @JsonProperty(required = true) String title,
            @JsonProperty(required = true) int height,
            @JsonProperty(required = true) List<Panel> panels) {}

    /**
     * A panel.
     *
     * @param title what it shows, in a few words
     * @param description what it shows and what to do when it looks bad
     * @param type how it is drawn
     * @param unit Grafana's name of the unit
     * @param width in grid units, of 24
     * @param min where the axis begins, 0 unless said otherwise
     * @param max where the axis ends, if it always ends there
     * @param decimals digits after the point
     * @param stack whether series are stacked
     * @param palette the name of the colours of its series, from {@link Shared#palettes}
     * @param thresholds from the lowest up; the first has no value
     * @param values texts in place of numbers
     * @param link the uid of the dashboard to read on in
     * @param queries what is drawn
     */
    record Panel(
            @JsonProperty(required = true) String title,
            @JsonProperty(required = true) String description,
            @JsonProperty(required = true) PanelType type,
            @JsonProperty(required = true) String unit,
            @JsonProperty(required = true) int width,
            @Nullable Double min,
            @Nullable Double max,
            @Nullable Integer decimals,
            @Nullable Boolean stack,
            @Nullable String palette,
            @Nullable List<Threshold> thresholds,
            @Nullable Map<String, Value> values,
            @Nullable String link,
            @JsonProperty(required = true) List<Query> queries) {

        /** Whether series are stacked; not, unless said so. */
        boolean isStacked() {
            return Boolean.TRUE.equals(stack);
        }
    }

    /**
     * A limit of good or bad.
     *
     * @param value from where on; absent for the first
     * @param colour the colour from there on
     */
    record Threshold(
            @Nullable Double value,
            @JsonProperty(required = true) String colour) {}

    /**
     * A text in place of a number.
     *
     * @param text the text
     * @param colour its colour
     */
    record Value(
            @JsonProperty(required = true) String text,
            @JsonProperty(required = true) String colour) {}

    /**
     * A query in PromQL.
     *
     * @param expr the expression
     * @param legend the name of its series, with labels in double braces
     */
    record Query(
            @JsonProperty(required = true) String expr,
            @JsonProperty(required = true) String legend) {}
}
