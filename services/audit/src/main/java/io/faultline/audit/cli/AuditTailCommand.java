// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.cli;

import io.faultline.audit.AuditTrail;
import io.faultline.audit.BrokerUnavailableException;
import io.faultline.proto.audit.v1.AuditBlock;
import io.faultline.proto.audit.v1.AuditStep;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints the audit trail, a line for each step. */
@Command(
        name = "tail",
        mixinStandardHelpOptions = true,
        description = "Prints the audit trail from its beginning, one line for each step.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:steps were printed", "2:the topic holds none", "3:no broker answers"},
        footer = {
            "",
            "Example: everything that happened to vm 7, and what will:",
            "  faultline audit tail --vm 7 --follow"
        })
public final class AuditTailCommand implements Callable<Integer> {
    @Mixin
    private TrailOptions options = new TrailOptions();

    @Option(names = "--follow", description = "Go on with what comes, until interrupted.")
    private boolean follow;

    @Option(names = "--limit", paramLabel = "N", description = "End after N steps.")
    private long limit = Long.MAX_VALUE;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the steps to FILE, one JSON object a line.")
    private @Nullable Path json;

    @Spec
    private @Nullable CommandSpec spec;

    private long printed;

    @Override
    public Integer call() throws IOException {
        CommandLine line = Objects.requireNonNull(spec).commandLine();
        if (json == null) {
            return print(line.getOut(), line.getErr());
        }
        try (PrintWriter file = new PrintWriter(Files.newBufferedWriter(json, StandardCharsets.UTF_8))) {
            int code = print(file, line.getErr());
            if (file.checkError()) {
                throw new IOException(json + " cannot be written");
            }
            return code;
        }
    }

    private int print(PrintWriter out, PrintWriter err) {
        try (AuditTrail trail = options.open()) {
            AuditTrail.Reader reader = new AuditTrail.Reader() {
                @Override
                public boolean block(AuditBlock block) {
                    return !options.concerns(block.getVmId()) || printBlock(block, out);
                }

                @Override
                public boolean unreadable(int partition, long offset, String why) {
                    err.println("the record at offset " + offset + " of partition " + partition + " is no audit block: "
                            + why);
                    return true;
                }
            };
            if (follow) {
                trail.follow(reader);
            } else {
                trail.read(reader);
            }
        } catch (BrokerUnavailableException e) {
            err.println(e.getMessage());
            return TrailOptions.EXIT_NO_BROKER;
        }
        if (printed == 0) {
            err.println(options.emptyMessage());
            return TrailOptions.EXIT_EMPTY;
        }
        return CommandLine.ExitCode.OK;
    }

    /** Prints a block's steps; false when enough is printed, or nobody reads it any more. */
    private boolean printBlock(AuditBlock block, PrintWriter out) {
        for (AuditStep step : block.getStepsList()) {
            if (printed >= limit) {
                return false;
            }
            printed++;
            out.println(json == null ? StepFormat.line(block, step) : StepFormat.json(block, step));
        }
        return printed < limit && !out.checkError();
    }
}
