// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.faultline.loadtest.report.ReportFiles;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Puts what several commands have found into one page. One use. */
@Command(
        name = "report",
        description = {
            "Makes one HTML report of the JSON files that other commands wrote: of demo or replay, of bench guest, and of"
                    + " bench policy, at most one of each, told by what is in them.",
            ""
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "Example:", "  faultline report --html report.html demo.json guest.json policy.json"},
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:written", "2:a file cannot be used"})
final class ReportCommand implements Callable<Integer> {
    private static final int WRITTEN = 0;

    @Option(names = "--html", paramLabel = "FILE", required = true, description = "The report, which needs no network")
    @SuppressWarnings("NullAway.Init") // Set by picocli.
    private Path html;

    @Parameters(paramLabel = "JSON", arity = "1..3", description = "What the commands wrote with --json")
    @SuppressWarnings("NullAway.Init") // Set by picocli.
    private List<Path> files;

    private @Nullable JsonObject run;
    private @Nullable JsonObject guests;
    private @Nullable JsonObject policies;

    @Override
    public Integer call() throws IOException {
        for (Path file : files) {
            JsonObject json = read(file);
            if (json.has("outcomes") && json.has("history") && json.has("run")) {
                requireFirst(file, run);
                run = json;
            } else if (json.has("sync") && json.has("async") && json.has("settings")) {
                requireFirst(file, guests);
                guests = json;
            } else if (json.has("misses") && json.has("references")) {
                requireFirst(file, policies);
                policies = json;
            } else {
                throw new IllegalArgumentException(file
                        + ": not what a report is made of (expected: what demo, replay, bench guest or bench policy"
                        + " of this release write with --json)");
            }
        }
        ReportFiles.writeHtml(html, run, guests, policies);
        return WRITTEN;
    }

    private static JsonObject read(Path file) {
        try {
            JsonElement json = JsonParser.parseString(Files.readString(file));
            if (json.isJsonObject()) {
                return json.getAsJsonObject();
            }
        } catch (JsonParseException | MalformedInputException e) {
            throw new IllegalArgumentException(file + ": no JSON: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new IllegalArgumentException(file + " cannot be read: " + e.getMessage(), e);
        }
        throw new IllegalArgumentException(file + ": not a JSON object");
    }

    private static void requireFirst(Path file, @Nullable JsonObject earlier) {
        if (earlier != null) {
            throw new IllegalArgumentException(file + ": a second file of its kind (expected: at most one of each)");
        }
    }
}
