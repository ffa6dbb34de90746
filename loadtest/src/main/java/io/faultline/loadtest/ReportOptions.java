// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest;

import io.faultline.audit.verify.AuditReport;
import io.faultline.loadtest.bench.PolicyReport;
import io.faultline.loadtest.replay.ReplayResult;
import io.faultline.loadtest.report.ReportFiles;
import io.faultline.loadtest.report.RunReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options for what a command that replays writes at its end, as a picocli mixin. One use. */
public final class ReportOptions {
    @Option(names = "--json", paramLabel = "FILE", description = "Write the result there as a JSON object too")
    private @Nullable Path json;

    @Option(
            names = "--html",
            paramLabel = "FILE",
            description = "Write a report with charts there too: one HTML file that needs no network")
    private @Nullable Path html;

    /**
     * Finds out before a run that what it brings could not be kept.
     *
     * @throws IllegalArgumentException with the file and what is expected
     */
    public void requireDirectories() {
        requireDirectory("--json", json);
        requireDirectory("--html", html);
    }

    /** Writes the files that are asked for, and says where the one for a person is. */
    void write(RunReport report, PrintWriter out) throws IOException {
        if (json != null) {
            ReportFiles.writeJson(json, report);
        }
        if (html != null) {
            // What each policy would miss in a tier as large as the guest's own memory.
            ReportFiles.writeHtml(html, report, PolicyReport.of(report.origin().settings()));
            out.println("Report: " + html.toUri());
            out.flush();
        }
    }

    /**
     * Refuses a report that cannot be made.
     *
     * @throws IllegalArgumentException with what is expected instead
     */
    void requireNoHtml(String expected) {
        if (html != null) {
            throw new IllegalArgumentException("--html: " + html + " (expected: " + expected + ")");
        }
    }

    /** Writes what came of several VMs' replays, by VM id. */
    void write(Map<Long, ReplayResult> results, @Nullable AuditReport audit) throws IOException {
        if (json != null) {
            ReportFiles.writeJson(json, results, audit);
        }
    }

    private static void requireDirectory(String option, @Nullable Path file) {
        if (file != null) {
            Path directory = file.toAbsolutePath().getParent();
            if (directory == null || !Files.isDirectory(directory)) {
                throw new IllegalArgumentException(
                        option + ": " + file + " (expected: a file in a directory that exists)");
            }
        }
    }
}
