// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import io.faultline.audit.cli.AuditTailCommand;
import io.faultline.audit.cli.AuditVerifyCommand;
import picocli.CommandLine.Command;

/** Reads the audit trail. */
@Command(
        name = "audit",
        description = "Reads the audit trail of a running system's Kafka topic.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {AuditTailCommand.class, AuditVerifyCommand.class})
final class AuditCommand {}
