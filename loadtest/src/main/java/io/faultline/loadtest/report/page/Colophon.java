// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report.page;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** The end of the page: what is not in it, settings, versions. */
final class Colophon {
    private Colophon() {}

    static void appendTo(Markup page, ReportPage.Contents contents) {
        missing(page, contents);
        if (contents.run() != null) {
            Run run = new Run(contents.run());
            table(page, "settings", "Settings", run.settings());
            table(page, "versions", "Versions", run.origin().getAsJsonObject("versions"));
            page.open("p", "class", "small")
                    .text("Began " + run.origin().get("began_at").getAsString() + ".")
                    .close("p");
        }
        if (contents.guests() != null) {
            table(
                    page,
                    "guests-settings",
                    "Settings of the comparison of guests",
                    contents.guests().getAsJsonObject("settings"));
        }
        page.open("p", "class", "small")
                .text(
                        "The charts are drawn by uPlot " + contents.uplotVersion()
                                + ", © 2022 Leon Sorokin, under the MIT licence, whose text is in this file. Colours are those of Okabe and Ito, which people with colour blindness can tell apart. This file loads nothing from anywhere.")
                .close("p");
    }

    private static void missing(Markup page, ReportPage.Contents contents) {
        List<String> commands = new ArrayList<>();
        if (contents.run() == null) {
            commands.add("what happens in a run: demo --json run.json");
        }
        if (contents.guests() == null) {
            commands.add("a guest with and without asynchronous faults: bench guest --json guest.json");
        }
        if (contents.policies() == null) {
            commands.add("eviction policies side by side: bench policy --json policy.json");
        }
        if (commands.isEmpty()) {
            return;
        }
        page.open("section", "id", "missing", "aria-labelledby", "missing-title")
                .open("h2", "id", "missing-title")
                .text("What is not in this report")
                .close("h2")
                .element(
                        "p",
                        "These make what else a report can show; faultline report --html FILE run.json … puts them together.")
                .open("ul");
        commands.forEach(command -> page.element("li", command));
        page.close("ul").close("section");
    }

    private static void table(Markup page, String id, String title, JsonObject members) {
        List<List<String>> rows = new ArrayList<>();
        members.asMap().forEach((key, value) -> rows.add(List.of(Figures.words(key), said(value))));
        page.open("section", "id", id, "class", "facts", "aria-labelledby", id + "-title")
                .open("h2", "id", id + "-title")
                .text(title)
                .close("h2")
                .table(List.of("What", "Value"), rows)
                .close("section");
    }

    private static String said(JsonElement value) {
        return value.isJsonPrimitive() ? value.getAsString() : value.toString();
    }
}
