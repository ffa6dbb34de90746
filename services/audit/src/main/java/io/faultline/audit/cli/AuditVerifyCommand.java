// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.cli;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.faultline.audit.AuditTrail;
import io.faultline.audit.BrokerUnavailableException;
import io.faultline.audit.verify.AuditReport;
import io.faultline.audit.verify.AuditVerifier;
import io.faultline.audit.verify.Violation;
import io.faultline.model.StepKind;
import io.faultline.model.Token;
import io.faultline.proto.audit.v1.AuditBlock;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Reads the audit trail and proves the protocol's invariants on it. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = {
            "Reads the audit trail and proves on it: numbers without gap or repeat; one terminal step for each fault;"
                    + " tokens that are valid and not reused while outstanding; one page-ready for each page-not-present"
                    + " that was delivered, none for one that was cancelled; a mapping before each page-ready."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the trail is whole and every rule was kept",
            "1:there is a gap or a violation",
            "2:the topic holds nothing",
            "3:no broker answers"
        },
        footer = {"", "Example:", "  faultline audit verify --bootstrap 127.0.0.1:9092 --json audit.json"})
public final class AuditVerifyCommand implements Callable<Integer> {
    @Mixin
    private TrailOptions options = new TrailOptions();

    @Option(
            names = "--allow-unfinished",
            description = "The services still run, or were killed: faults in flight are no violation.")
    private boolean allowUnfinished;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "20",
            description = "How many gaps and violations to print (default: ${DEFAULT-VALUE}).")
    private int limit;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the report to FILE as one JSON object.")
    private @Nullable Path json;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        CommandLine line = Objects.requireNonNull(spec).commandLine();
        AuditVerifier verifier = new AuditVerifier(allowUnfinished, Math.max(0, limit));
        try (AuditTrail trail = options.open()) {
            trail.read(new AuditTrail.Reader() {
                @Override
                public boolean block(AuditBlock block) {
                    if (options.concerns(block.getVmId())) {
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
        } catch (BrokerUnavailableException e) {
            line.getErr().println(e.getMessage());
            return TrailOptions.EXIT_NO_BROKER;
        }
        AuditReport report = verifier.finish();
        if (json != null) {
            Files.writeString(
                    json,
                    new GsonBuilder().setPrettyPrinting().create().toJson(json(report)) + "\n",
                    StandardCharsets.UTF_8);
        }
        if (report.records() == 0) {
            line.getErr().println(options.emptyMessage());
            return TrailOptions.EXIT_EMPTY;
        }
        print(report, line.getOut());
        return report.holds() ? CommandLine.ExitCode.OK : TrailOptions.EXIT_BROKEN;
    }

    private static void print(AuditReport report, PrintWriter out) {
        report.details().forEach(violation -> out.println(violation.rule() + ": " + violation.sentence()));
        long found = report.gaps() + report.violations();
        if (found > report.details().size()) {
            out.println("… and " + (found - report.details().size()) + " more");
        }
        out.printf(
                Locale.ROOT,
                "%,d steps in %,d records, %,d chains (%,d open)%n",
                report.steps(),
                report.records(),
                report.chains(),
                report.openChains());
        out.printf(
                Locale.ROOT,
                "%,d faults: %,d mapped, %,d resolved, %,d failed; %,d delivered, %,d ready, %,d cancelled, %,d refused%n",
                report.count(StepKind.RAISED),
                report.count(StepKind.MAPPED),
                report.count(StepKind.RESOLVED),
                report.count(StepKind.FAILED),
                report.count(StepKind.DELIVERED),
                report.count(StepKind.READY),
                report.count(StepKind.CANCELLED),
                report.count(StepKind.REFUSED));
        if (report.replayedRecords() > 0) {
            out.printf(Locale.ROOT, "%,d records came again out of a spool%n", report.replayedRecords());
        }
        if (!report.lost().equals(AuditReport.Lost.NOTHING)) {
            out.printf(
                    Locale.ROOT,
                    "%,d steps are missing in gaps; the services say that they dropped %,d%n",
                    report.lost().missing(),
                    report.lost().dropped());
        }
        out.printf(Locale.ROOT, "%,d gaps, %,d violations%n", report.gaps(), report.violations());
        out.flush();
    }

    private static JsonObject json(AuditReport report) {
        JsonObject json = new JsonObject();
        json.addProperty("steps", report.steps());
        json.addProperty("records", report.records());
        json.addProperty("replayed_records", report.replayedRecords());
        json.addProperty("chains", report.chains());
        json.addProperty("open_chains", report.openChains());
        json.addProperty("gaps", report.gaps());
        json.addProperty("missing_steps", report.lost().missing());
        json.addProperty("dropped_steps", report.lost().dropped());
        json.addProperty("violations", report.violations());
        JsonObject kinds = new JsonObject();
        report.stepsByKind().forEach((kind, count) -> kinds.addProperty(kind.name(), count));
        json.add("steps_by_kind", kinds);
        JsonArray details = new JsonArray();
        report.details().forEach(violation -> details.add(json(violation)));
        json.add("details", details);
        return json;
    }

    private static JsonObject json(Violation violation) {
        JsonObject json = new JsonObject();
        json.addProperty("rule", violation.rule().name());
        json.addProperty("source", violation.source());
        json.addProperty("vm", violation.vmId());
        json.addProperty("vcpu", violation.vcpuId());
        json.addProperty("token", Token.format(violation.token()));
        json.addProperty("sequence", violation.sequence());
        json.addProperty("what", violation.what());
        return json;
    }
}
