// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report.page;

import java.util.List;

/**
 * A part of a page: a question, a chart that answers it, how to read the chart, and its numbers in a table. Immutable.
 *
 * @param chart the chart's name in report.js, and the part's anchor
 * @param title the question
 * @param caption how to read the chart
 * @param heads the table's columns
 * @param rows the table's rows
 */
record Section(String chart, String title, String caption, List<String> heads, List<List<String>> rows) {
    void appendTo(Markup page) {
        page.open("section", "id", chart, "aria-labelledby", chart + "-title")
                .open("h2", "id", chart + "-title")
                .text(title)
                .close("h2")
                .open("figure")
                .open("figcaption")
                .text(caption)
                .close("figcaption")
                .open(
                        "div",
                        "class",
                        "chart",
                        "data-chart",
                        chart,
                        "role",
                        "img",
                        "aria-label",
                        title + ". " + caption + " The numbers are in the table below.")
                .close("div")
                .close("figure")
                .open("details")
                .element("summary", "The numbers")
                .table(heads, rows)
                .close("details")
                .close("section");
    }
}
