// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import io.faultline.audit.cli.AuditCommand;
import io.faultline.conformance.ConformanceCommand;
import io.faultline.loadtest.ReplayCommand;
import io.faultline.loadtest.bench.BenchCommand;
import io.faultline.loadtest.trace.info.TraceCommand;
import io.faultline.peers.faults.BenchFaultsCommand;
import io.faultline.peers.pages.BenchPagesCommand;
import io.faultline.peers.pages.BenchRegretCommand;
import io.faultline.peers.stores.BenchStoreCommand;
import io.faultline.simulation.SimulateCommand;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The {@code faultline} command. Exit codes: 0 done, 1 an invariant broken, 2 bad usage or input, 3 no connection. */
@Command(
        name = "faultline",
        description = "Asynchronous page faults for arm64 guests as a distributed memory tiering platform.",
        mixinStandardHelpOptions = true,
        version = "faultline 0.1.0",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            UpCommand.class,
            ReplayCommand.class,
            ReportCommand.class,
            ImportCommand.class,
            BenchCommand.class,
            TraceCommand.class,
            AuditCommand.class,
            SimulateCommand.class,
            ConformanceCommand.class,
            SoakCommand.class,
            LossesCommand.class
        },
        footer = {
            "",
            "faultline test runs all tests; faultline test --help says more.",
            "",
            "Start here:  faultline demo"
        })
final class Faultline {
    private static final int BAD_INPUT = 2;

    private Faultline() {}

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    /** The command with its subcommands; failures become sentences. */
    static CommandLine commandLine() {
        CommandLine faultline = new CommandLine(new Faultline());
        // These need the services, which the load generator's own benchmarks do not.
        Objects.requireNonNull(faultline.getSubcommands().get("bench"))
                .addSubcommand(new BenchPagesCommand())
                .addSubcommand(new BenchFaultsCommand())
                .addSubcommand(new BenchStoreCommand())
                .addSubcommand(new BenchRegretCommand())
                .addSubcommand(new BenchGuestCommand());
        return faultline
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    command.getErr()
                            .println("faultline " + command.getCommandName() + ": " + Failures.sentence(failure));
                    return BAD_INPUT;
                });
    }
}
