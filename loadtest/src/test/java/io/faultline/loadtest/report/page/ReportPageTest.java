// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.faultline.loadtest.report.ReportFiles;
import io.faultline.loadtest.report.Reports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportPageTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it.
    private Path directory;

    @Test
    void theFirstSentencesSayWhatHappenedAndWhetherItHeld() throws IOException {
        String page = page(Reports.run("redis.gz"), null, null);

        assertThat(page)
                .contains("<h1>Demo of redis.gz</h1>")
                .contains("✓ Every invariant held")
                .contains("A guest with 1 vCPU and 8 tasks repeated the 6,000 page faults that redis.gz recorded, in ")
                .contains("3,600 faults (60.0 %) were asynchronous")
                .contains("1,200 (20.0 %) were synchronous")
                .contains("the page was there already (10.0 %) or had never been written (10.0 %)")
                .contains("4,800 pages came from the pager: 1,600 (33.3 %) from its memory, 1,600 (33.3 %) from its")
                .contains("6,000 loads were compared")
                .contains("34,567 steps of the faults&#39; lives, with 0 missing and 0 against the protocol");
    }

    @Test
    void whatDidNotHoldComesFirst() throws IOException {
        JsonObject run = Reports.run("redis.gz");
        JsonArray broken = new JsonArray();
        broken.add("3 loads <brought> something else");
        run.add("broken_invariants", broken);

        String page = page(run, null, null);

        assertThat(page)
                .contains("✗ Not everything held:")
                .contains("<li>3 loads &lt;brought&gt; something else</li>")
                .doesNotContain("Every invariant held");
    }

    @Test
    void aRunWithoutMissingPagesIsToldAsOne() throws IOException {
        JsonObject run = Reports.run("redis.gz");
        run.addProperty("tokens_issued", 0);
        JsonObject outcomes = run.getAsJsonObject("outcomes");
        outcomes.addProperty("resolved_ready", 0);
        outcomes.addProperty("mapped_sync", 0);
        run.getAsJsonObject("tiers").asMap().replaceAll((_, _) -> new JsonPrimitive(0));

        assertThat(page(run, null, null))
                .contains(
                        "No fault was asynchronous, for no page was missing.",
                        "No page came from the pager&#39;s tiers.")
                .doesNotContain("of the faults on missing pages");
    }

    @Test
    void theDataInThePageIsTheJsonObject() throws IOException {
        JsonObject run = Reports.run("redis.gz");

        JsonObject data = JsonParser.parseString(
                        inner(page(run, null, Reports.policies()), "<script type=\"application/json\" id=\"data\">"))
                .getAsJsonObject();

        assertThat(data.get("run")).isEqualTo(run);
        assertThat(data.get("policies")).isEqualTo(Reports.policies());
        assertThat(data.has("guests") && !data.get("guests").isJsonNull()).isFalse();
    }

    @Test
    void aTextOfARecordingCannotLeaveItsPlace() throws IOException {
        String hostile = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&";

        String page = page(Reports.run(hostile), Reports.guests(), null);

        assertThat(page)
                .contains("&lt;/script&gt;&lt;script&gt;alert(1)")
                .doesNotContain("<script>alert")
                .doesNotContain("<img")
                .doesNotContain("<b>bold");
        assertThat(Pattern.compile("</script>").matcher(page).results().count()).isEqualTo(4);
    }

    @Test
    void aPartWithoutDataIsAbsentAndThePageSaysWhatWouldFillIt() throws IOException {
        assertThat(page(Reports.run("a.gz"), null, Reports.policies()))
                .contains("data-chart=\"policies\"")
                .doesNotContain("data-chart=\"guests\"")
                .contains("bench guest --json guest.json")
                .doesNotContain("bench policy --json");
        assertThat(page(null, Reports.guests(), Reports.policies()))
                .contains("<h1>Comparison</h1>")
                .contains("data-chart=\"guests\"")
                .contains("demo --json run.json")
                .doesNotContain("data-chart=\"outcomes\"");
        assertThat(page(Reports.run("a.gz"), Reports.guests(), Reports.policies()))
                .doesNotContain("What is not in this report");
    }

    @Test
    void everyChartHasACaptionATableAndATextForThoseWhoDoNotSeeIt() throws IOException {
        String page = page(Reports.run("a.gz"), Reports.guests(), Reports.policies());

        List<String> sections = Pattern.compile("<section id=\"[a-z_]+\".*?</section>", Pattern.DOTALL)
                .matcher(page)
                .results()
                .map(section -> section.group())
                .filter(section -> section.contains("data-chart"))
                .toList();
        assertThat(sections)
                .hasSize(9)
                .allSatisfy(section -> assertThat(section)
                        .contains(
                                "<h2", "<figcaption>", "role=\"img\" aria-label=\"", "<table>", "<th scope=\"row\">"));
    }

    @Test
    void thePagePolicyNamesEachOfItsScriptsAndTheLicenceIsInIt() throws IOException {
        String page = page(Reports.run("a.gz"), null, null);
        String policy = inner(page, "Content-Security-Policy\" content=\"", "\"");

        assertThat(policy).startsWith("default-src 'none';").doesNotContain("unsafe");
        long named = Pattern.compile("<script>(.*?)</script>", Pattern.DOTALL)
                .matcher(page)
                .results()
                .filter(script -> policy.contains(Assets.policySource(script.group(1))))
                .count();
        assertThat(named).isEqualTo(3);
        assertThat(policy).contains(Assets.policySource(inner(page, "<style>", "</style>")));
        assertThat(page)
                .contains("Copyright (c) 2022 Leon Sorokin", "The above copyright notice and this permission notice");
    }

    private String page(@Nullable JsonObject run, @Nullable JsonObject guests, @Nullable JsonObject policies)
            throws IOException {
        Path file = directory.resolve("report.html");
        ReportFiles.writeHtml(file, run, guests, policies);
        return Files.readString(file);
    }

    private static String inner(String page, String before) {
        return inner(page, before, "</script>");
    }

    private static String inner(String page, String before, String after) {
        int begin = page.indexOf(before) + before.length();
        return page.substring(begin, page.indexOf(after, begin));
    }
}
