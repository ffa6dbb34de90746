// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.bench;

import picocli.CommandLine.Command;

/** The parent of the benchmarks. */
@Command(
        name = "bench",
        description = "Benchmarks; each says what it measures.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = BenchPolicyCommand.class,
        footer = {"", "faultline bench jmh measures single operations; faultline bench jmh --help says more."})
public final class BenchCommand {}
