// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report.page;

import java.util.List;

/** HTML under construction. What is text is escaped here and nowhere else; one use, one thread. */
final class Markup {
    private final StringBuilder html = new StringBuilder();

    /** Appends an element with text in it. */
    Markup element(String name, String text) {
        return open(name).text(text).close(name);
    }

    /** Appends the beginning of an element; attributes are names and values in turn. */
    Markup open(String name, String... attributes) {
        html.append('<').append(name);
        for (int i = 0; i < attributes.length; i += 2) {
            html.append(' ')
                    .append(attributes[i])
                    .append("=\"")
                    .append(escaped(attributes[i + 1]))
                    .append('"');
        }
        html.append('>');
        return this;
    }

    /** Appends the end of an element. */
    Markup close(String name) {
        html.append("</").append(name).append(">\n");
        return this;
    }

    /** Appends text. */
    Markup text(String text) {
        html.append(escaped(text));
        return this;
    }

    /** Appends a table; the first column names its row, the others are numbers. */
    Markup table(List<String> heads, List<List<String>> rows) {
        open("div", "class", "wide").open("table").open("thead").open("tr");
        heads.forEach(head -> open("th", "scope", "col").text(head).close("th"));
        close("tr").close("thead").open("tbody");
        for (List<String> row : rows) {
            open("tr").open("th", "scope", "row").text(row.getFirst()).close("th");
            row.stream().skip(1).forEach(cell -> element("td", cell));
            close("tr");
        }
        return close("tbody").close("table").close("div");
    }

    /** A text that a browser shows as it is, also within the quotes of an attribute. */
    static String escaped(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.append(c);
            }
        }
        return escaped.toString();
    }

    @Override
    public String toString() {
        return html.toString();
    }
}
