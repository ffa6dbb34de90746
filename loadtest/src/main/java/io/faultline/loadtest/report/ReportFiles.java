// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report;

import com.google.gson.JsonObject;
import io.faultline.audit.verify.AuditReport;
import io.faultline.loadtest.replay.ReplayResult;
import io.faultline.loadtest.report.page.ReportPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes what a run has to tell into files. Stateless. */
public final class ReportFiles {
    private ReportFiles() {}

    /** Writes the JSON object. */
    public static void writeJson(Path file, RunReport report) throws IOException {
        write(file, ReportJson.of(report) + "\n");
    }

    /** Writes the JSON object of several VMs' replays, by VM id; {@code audit} is null when the trail was not verified. */
    public static void writeJson(Path file, Map<Long, ReplayResult> results, @Nullable AuditReport audit)
            throws IOException {
        write(file, ReportJson.of(results, audit) + "\n");
    }

    /**
     * Writes the page.
     *
     * @param policies the comparison of eviction policies, as {@code bench policy --json} has it; null for none
     */
    public static void writeHtml(Path file, RunReport report, @Nullable JsonObject policies) throws IOException {
        writeHtml(file, ReportJson.object(report), null, policies);
    }

    /** Writes a page of objects that commands have written; one of them at least is not null. */
    public static void writeHtml(
            Path file, @Nullable JsonObject run, @Nullable JsonObject guests, @Nullable JsonObject policies)
            throws IOException {
        write(file, ReportPage.of(new ReportPage.Contents(run, guests, policies, Versions.uplot())));
    }

    private static void write(Path file, String text) throws IOException {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new IOException(file + " cannot be written: " + e.getMessage(), e);
        }
    }
}
