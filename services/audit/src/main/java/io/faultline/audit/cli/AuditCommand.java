// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.cli;

import picocli.CommandLine.Command;

/** The group of the audit trail's commands, to be mounted under the root command. */
@Command(
        name = "audit",
        mixinStandardHelpOptions = true,
        description = "Reads the audit trail: prints it, or proves the protocol's invariants on it.",
        subcommands = {AuditTailCommand.class, AuditVerifyCommand.class},
        footer = {"", "Example:", "  faultline audit verify --bootstrap 127.0.0.1:9092"})
public final class AuditCommand {}
