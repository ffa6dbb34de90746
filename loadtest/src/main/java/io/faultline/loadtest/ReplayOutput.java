// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest;

import io.faultline.audit.AuditTrail;
import io.faultline.audit.KafkaSecurity;
import io.faultline.audit.verify.AuditReport;
import io.faultline.audit.verify.AuditVerifier;
import io.faultline.loadtest.replay.ReplayResult;
import io.faultline.loadtest.report.FleetTable;
import io.faultline.loadtest.report.RunReport;
import io.faultline.loadtest.report.SummaryTable;
import io.faultline.proto.audit.v1.AuditBlock;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What a command that replayed has to show at its end: the auditor's findings, a table, a JSON file. */
public final class ReplayOutput {
    private static final int AUDIT_DETAILS_MAX = 10;

    private ReplayOutput() {}

    /**
     * Reads an audit trail from its beginning and verifies what it says of one VM.
     *
     * @param allowUnfinished whether the services may still be at work, so that a fault without an end is no violation
     */
    public static AuditReport verify(String bootstrapServers, String topic, long vmId, boolean allowUnfinished) {
        return verify(bootstrapServers, topic, allowUnfinished, block -> block.getVmId() == vmId);
    }

    /** Likewise, of several VMs. */
    public static AuditReport verify(String bootstrapServers, String topic, Set<Long> vmIds, boolean allowUnfinished) {
        return verify(bootstrapServers, topic, allowUnfinished, block -> vmIds.contains(block.getVmId()));
    }

    /** Reads an audit trail from its beginning and verifies all of it. */
    public static AuditReport verify(String bootstrapServers, String topic, boolean allowUnfinished) {
        return verify(bootstrapServers, topic, allowUnfinished, _ -> true);
    }

    private static AuditReport verify(
            String bootstrapServers, String topic, boolean allowUnfinished, Predicate<AuditBlock> concerns) {
        AuditVerifier verifier = new AuditVerifier(allowUnfinished, AUDIT_DETAILS_MAX);
        try (AuditTrail trail = new AuditTrail(bootstrapServers, KafkaSecurity.NONE, topic)) {
            trail.read(new AuditTrail.Reader() {
                @Override
                public boolean block(AuditBlock block) {
                    if (concerns.test(block)) {
                        verifier.accept(block);
                    }
                    return true;
                }

                @Override
                public boolean unreadable(int partition, long offset, String why) {
                    verifier.unreadable(partition, offset, why);
                    return true;
                }
            });
        }
        return verifier.finish();
    }

    /** Prints the table, and writes the files that were asked for. */
    public static void write(PrintWriter out, ReportOptions files, RunReport report) throws IOException {
        print(out, SummaryTable.of(report.result(), report.audit()), report.audit());
        files.write(report, out);
    }

    /** Likewise of several VMs, by their ids; {@code audit} is null when the trail was not verified. */
    public static void write(
            PrintWriter out, ReportOptions files, Map<Long, ReplayResult> results, @Nullable AuditReport audit)
            throws IOException {
        print(out, FleetTable.of(results, audit), audit);
        files.write(results, audit);
    }

    private static void print(PrintWriter out, String table, @Nullable AuditReport audit) {
        out.print(table);
        if (audit != null) {
            audit.details().forEach(detail -> out.println("  " + detail.rule() + ": " + detail.sentence()));
        }
        out.flush();
    }
}
