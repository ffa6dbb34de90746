// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace.info;

import picocli.CommandLine.Command;

/** The parent of the commands on recordings. */
@Command(
        name = "trace",
        description = "Recordings of faults: what one holds, and in another format. docs/traces.md lists the formats.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {TraceInfoCommand.class, TraceConvertCommand.class})
public final class TraceCommand {}
