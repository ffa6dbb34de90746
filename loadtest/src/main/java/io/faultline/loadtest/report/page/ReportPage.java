// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report.page;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The page: one HTML file in which everything is contained. It says what happened, shows it, and names settings and
 * versions. Its content security policy forbids it every load and every script but its own, so that a text of a recording
 * can do nothing even if it were not escaped. Stateless.
 */
public final class ReportPage {
    /* Gson's default writes <, >, & and ' in strings as escapes of JavaScript: no text can end the script it is in. */
    private static final Gson GSON = new GsonBuilder().serializeNulls().create();

    private static final String UPLOT = "/META-INF/resources/webjars/uplot/";

    /**
     * What a page tells; one of the three at least.
     *
     * @param run the object of {@code demo --json} or {@code replay --json}
     * @param guests the object of {@code bench guest --json}
     * @param policies the object of {@code bench policy --json}
     * @param uplotVersion which version of the chart library is on the class path
     */
    public record Contents(
            @Nullable JsonObject run,
            @Nullable JsonObject guests,
            @Nullable JsonObject policies,
            String uplotVersion) {}

    private ReportPage() {}

    /** The page's text. */
    public static String of(Contents contents) {
        String library = Assets.read(UPLOT + contents.uplotVersion() + "/dist/uPlot.iife.min.js");
        String licence = Assets.read(UPLOT + contents.uplotVersion() + "/LICENSE");
        String charts = Assets.read("charts.js");
        String report = Assets.read("report.js");
        String style = Assets.read(UPLOT + contents.uplotVersion() + "/dist/uPlot.min.css") + Assets.read("report.css");
        return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                + "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri 'none'; form-action 'none'; script-src "
                + String.join(
                        " ", Assets.policySource(library), Assets.policySource(charts), Assets.policySource(report))
                + "; style-src " + Assets.policySource(style) + "\">\n"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                + "<meta name=\"color-scheme\" content=\"light dark\">\n"
                + new Markup().element("title", "Faultline: " + title(contents))
                + "<style>" + style + "</style>\n</head>\n<body>\n"
                + body(contents)
                + "<!--\nThe charts are drawn by uPlot " + contents.uplotVersion() + ":\n" + licence + "-->\n"
                + "<script type=\"application/json\" id=\"data\">" + data(contents) + "</script>\n"
                + "<script>" + library + "</script>\n<script>" + charts + "</script>\n<script>" + report
                + "</script>\n</body>\n</html>\n";
    }

    private static String data(Contents contents) {
        JsonObject data = new JsonObject();
        data.add("run", contents.run());
        data.add("guests", contents.guests());
        data.add("policies", contents.policies());
        return GSON.toJson(data);
    }

    private static String title(Contents contents) {
        return contents.run() == null ? "comparison" : new Story(new Run(contents.run())).title();
    }

    private static Markup body(Contents contents) {
        Markup page = new Markup();
        page.open("header").open("p", "class", "brand").text("Faultline").close("p");
        page.element("h1", Figures.words(title(contents))).close("header").open("main");
        List<Section> sections = new ArrayList<>();
        if (contents.run() != null) {
            Run run = new Run(contents.run());
            Summary.appendTo(page, run);
            sections.addAll(new RunSections(run).all());
        }
        if (contents.guests() != null) {
            sections.add(Comparisons.guests(contents.guests()));
        }
        if (contents.policies() != null) {
            sections.add(Comparisons.policies(contents.policies()));
        }
        sections.forEach(section -> section.appendTo(page));
        Colophon.appendTo(page, contents);
        return page.close("main");
    }
}
