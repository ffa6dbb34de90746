// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import io.faultline.model.PageSize;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** The size of the DRAM tier as a user gives it, in 4 KiB pages. */
final class DramPages {
    private static final long MIN = 64;
    private static final long MAX = 1L << 28;

    private DramPages() {}

    /** The size in bytes; a number out of range is bad usage of the command. */
    static long toBytes(CommandSpec spec, long pages) {
        if (pages < MIN || pages > MAX) {
            throw new ParameterException(
                    spec.commandLine(), "--dram-pages: " + pages + " (expected: " + MIN + " to " + MAX + ")");
        }
        return pages * PageSize.SIZE_4K.bytes();
    }
}
