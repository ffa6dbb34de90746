// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.faultline.conformance.CaseResult.Outcome;
import io.faultline.conformance.driver.Endpoints;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a run found: a line a case as it ends, and the counts. Used by one thread. */
final class Report {
    private static final int LAST_WORDS = 16;

    private final PrintWriter out;
    private final boolean isVerbose;
    private final List<CaseResult> results = new ArrayList<>();

    /** A report that is printed as it grows, with every conversation if it is verbose. */
    Report(PrintWriter out, boolean isVerbose) {
        this.out = out;
        this.isVerbose = isVerbose;
    }

    void add(CaseResult result) {
        results.add(result);
        Case description = result.description();
        out.printf(
                "%-4s  %-4s  %5d ms  %s%n",
                result.outcome(), description.id(), result.elapsedMs(), description.holds());
        switch (result.outcome()) {
            case PASS -> {
                if (isVerbose) {
                    print(result.conversation());
                }
            }
            case SKIP -> out.println("            because  " + result.came());
            case FAIL -> {
                out.println("            expected " + result.expected());
                out.println("            came     " + result.came());
                out.println("            source   " + description.source());
                print(isVerbose ? result.conversation() : lastWords(result.conversation()));
            }
        }
        out.flush();
    }

    private static List<String> lastWords(List<String> conversation) {
        return conversation.subList(Math.max(0, conversation.size() - LAST_WORDS), conversation.size());
    }

    private void print(List<String> conversation) {
        conversation.forEach(line -> out.println("            | " + line));
    }

    /** The last line. */
    void end() {
        out.printf(
                "%n%d cases: %d passed, %d failed, %d skipped%n",
                results.size(), count(Outcome.PASS), count(Outcome.FAIL), count(Outcome.SKIP));
        out.flush();
    }

    boolean hasFailed() {
        return count(Outcome.FAIL) > 0;
    }

    private long count(Outcome outcome) {
        return results.stream().filter(result -> result.outcome() == outcome).count();
    }

    /**
     * Writes everything as a JSON object.
     *
     * @throws IOException when the file cannot be written
     */
    void writeJson(Path file, Endpoints endpoints) throws IOException {
        JsonArray cases = new JsonArray();
        for (CaseResult result : results) {
            JsonObject one = new JsonObject();
            one.addProperty("id", result.description().id());
            one.addProperty("holds", result.description().holds());
            one.addProperty("source", result.description().source());
            one.addProperty("result", result.outcome().name().toLowerCase(Locale.ROOT));
            one.addProperty("expected", result.expected());
            one.addProperty("came", result.came());
            one.addProperty("elapsedMs", result.elapsedMs());
            JsonArray conversation = new JsonArray();
            result.conversation().forEach(conversation::add);
            one.add("conversation", conversation);
            cases.add(one);
        }
        JsonObject json = new JsonObject();
        json.addProperty("deployment", endpoints.toString());
        json.addProperty("passed", count(Outcome.PASS));
        json.addProperty("failed", count(Outcome.FAIL));
        json.addProperty("skipped", count(Outcome.SKIP));
        json.add("cases", cases);
        Files.writeString(
                file,
                new GsonBuilder()
                                .setPrettyPrinting()
                                .disableHtmlEscaping()
                                .create()
                                .toJson(json) + "\n");
    }
}
