// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;

/**
 * A {@link Comparison} for a person, as Markdown tables with the ratios first, and for a program, as a JSON object.
 *
 * @param <S> the shapes of the work, each of which is printed by its {@code toString}
 */
public final class ComparisonReport<S> {
    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().serializeNulls().create();
    private static final double MANY = 1_000;

    private final Heading heading;
    private final Comparison<S> comparison;
    private final List<Ratio> ratios;
    private final Function<S, String> keyOf;

    /**
     * A report.
     *
     * @param ratios which peers' rates are held against which
     * @param keyOf a shape's name in JSON
     */
    public ComparisonReport(Heading heading, Comparison<S> comparison, List<Ratio> ratios, Function<S, String> keyOf) {
        this.heading = heading;
        this.comparison = comparison;
        this.ratios = List.copyOf(ratios);
        this.keyOf = keyOf;
    }

    /** Everything, lines ended. */
    public String tables() {
        StringBuilder text = new StringBuilder("bench ").append(heading.bench()).append("\n\n");
        heading.facts()
                .forEach((name, value) -> text.append("- ")
                        .append(name)
                        .append(": ")
                        .append(value)
                        .append('\n'));
        text.append("\nRatios of rates: median of the rounds (least to most)\n\n");
        table(text, ratios.stream().map(Ratio::title).toList(), (shape, column) -> ratio(shape, ratios.get(column)));
        text.append('\n').append(heading.unit()).append(" a second, median of the rounds\n\n");
        table(text, comparison.peers(), (shape, column) -> figure(shape, column, Sample::perSecond));
        text.append("\np50 / p99 of ").append(heading.request()).append(", µs\n\n");
        table(
                text,
                comparison.peers(),
                (shape, column) -> figure(shape, column, Sample::p50Us) + " / " + figure(shape, column, Sample::p99Us));
        more(text);
        return text.toString();
    }

    /* A table a figure, or a table a shape, whichever makes fewer. */
    private void more(StringBuilder text) {
        List<String> names = List.copyOf(moreNames());
        if (names.size() <= comparison.shapes().size()) {
            for (String name : names) {
                text.append('\n').append(words(name)).append("\n\n");
                table(text, comparison.peers(), (shape, column) -> figure(shape, column, sample -> more(sample, name)));
            }
            return;
        }
        for (S shape : comparison.shapes()) {
            text.append("\nAt ")
                    .append(heading.shape())
                    .append(' ')
                    .append(shape)
                    .append("\n\n");
            List<List<String>> rows = new ArrayList<>();
            for (String name : names) {
                rows.add(row(
                        words(name),
                        comparison.peers().size(),
                        column -> figure(shape, column, sample -> more(sample, name))));
            }
            table(text, head("figure", comparison.peers()), rows);
        }
    }

    private static String words(String name) {
        return name.replace('_', ' ');
    }

    /** A JSON object. */
    public String json() {
        JsonObject json = new JsonObject();
        json.addProperty("bench", heading.bench());
        JsonObject ratiosByShape = new JsonObject();
        JsonObject shapes = new JsonObject();
        for (S shape : comparison.shapes()) {
            ratiosByShape.add(keyOf.apply(shape), ratiosOf(shape));
            shapes.add(keyOf.apply(shape), peersOf(shape));
        }
        json.add("ratios", ratiosByShape);
        json.add("facts", GSON.toJsonTree(heading.facts()));
        json.addProperty("unit", heading.unit());
        json.add("shapes", shapes);
        return GSON.toJson(json);
    }

    private JsonObject ratiosOf(S shape) {
        JsonObject all = new JsonObject();
        for (Ratio ratio : ratios) {
            all.add(ratio.key(), number(Comparison.median(comparison.ratios(shape, ratio.upper(), ratio.lower()))));
        }
        return all;
    }

    private JsonObject peersOf(S shape) {
        JsonObject peers = new JsonObject();
        for (String peer : comparison.peers()) {
            JsonObject figures = new JsonObject();
            figures.add("per_s", number(comparison.median(shape, peer, Sample::perSecond)));
            figures.add("p50_us", number(comparison.median(shape, peer, Sample::p50Us)));
            figures.add("p99_us", number(comparison.median(shape, peer, Sample::p99Us)));
            for (String name : moreNames()) {
                figures.add(name, number(comparison.median(shape, peer, sample -> more(sample, name))));
            }
            JsonArray rounds = new JsonArray();
            comparison.samples(shape, peer).forEach(sample -> rounds.add(number(sample.perSecond())));
            figures.add("rounds_per_s", rounds);
            peers.add(peer, figures);
        }
        return peers;
    }

    /* JSON has no word for what is not a number. */
    private static JsonElement number(double value) {
        return Double.isFinite(value) ? new JsonPrimitive(value) : JsonNull.INSTANCE;
    }

    private Set<String> moreNames() {
        Set<String> names = new TreeSet<>();
        for (S shape : comparison.shapes()) {
            for (String peer : comparison.peers()) {
                comparison
                        .samples(shape, peer)
                        .forEach(sample -> names.addAll(sample.more().keySet()));
            }
        }
        return names;
    }

    private static double more(Sample sample, String name) {
        return sample.more().getOrDefault(name, Double.NaN);
    }

    private String ratio(S shape, Ratio ratio) {
        double[] all = comparison.ratios(shape, ratio.upper(), ratio.lower());
        return all.length == 0
                ? "-"
                : "%.2f (%.2f to %.2f)".formatted(Comparison.median(all), all[0], all[all.length - 1]);
    }

    private String figure(S shape, int peer, ToDoubleFunction<Sample> figure) {
        double value = comparison.median(shape, comparison.peers().get(peer), figure);
        if (Double.isNaN(value)) {
            return "-";
        }
        return (value >= MANY ? "%,.0f" : value >= 10 ? "%.0f" : "%.2f").formatted(value);
    }

    private void table(StringBuilder text, List<String> titles, Entries<S> entries) {
        List<List<String>> rows = new ArrayList<>();
        for (S shape : comparison.shapes()) {
            rows.add(row(shape.toString(), titles.size(), column -> entries.of(shape, column)));
        }
        table(text, head(heading.shape(), titles), rows);
    }

    private static List<String> head(String first, List<String> titles) {
        return row(first, titles.size(), titles::get);
    }

    private static List<String> row(String first, int columns, IntFunction<String> entry) {
        List<String> row = new ArrayList<>(List.of(first));
        for (int column = 0; column < columns; column++) {
            row.add(entry.apply(column));
        }
        return row;
    }

    private static void table(StringBuilder text, List<String> head, List<List<String>> rows) {
        int[] widths = head.stream().mapToInt(String::length).toArray();
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        line(text, head, widths);
        rule(text, widths);
        rows.forEach(row -> line(text, row, widths));
    }

    private static void line(StringBuilder text, List<String> row, int[] widths) {
        for (int i = 0; i < widths.length; i++) {
            String padding = " ".repeat(widths[i] - row.get(i).length());
            text.append(i == 0 ? "| " + row.get(i) + padding : " | " + padding + row.get(i));
        }
        text.append(" |\n");
    }

    private static void rule(StringBuilder text, int[] widths) {
        for (int i = 0; i < widths.length; i++) {
            text.append(i == 0 ? "|-" : "-|-").append("-".repeat(widths[i]));
        }
        text.append("-|\n");
    }

    /**
     * What stands above the figures.
     *
     * @param bench the benchmark's name
     * @param facts machine, versions, command, settings, in this order
     * @param shape what the shapes are, the first column's title
     * @param unit what is counted
     * @param request what is timed
     */
    public record Heading(String bench, Map<String, String> facts, String shape, String unit, String request) {}

    /** One peer's rate over another's. */
    public record Ratio(String upper, String lower) {
        String title() {
            return upper + " / " + lower;
        }

        String key() {
            return upper + "_over_" + lower;
        }
    }

    @FunctionalInterface
    private interface Entries<S> {
        String of(S shape, int column);
    }
}
