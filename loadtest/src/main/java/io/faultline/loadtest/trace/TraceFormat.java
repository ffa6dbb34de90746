// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import java.io.IOException;

/** A format of recordings. Stateless. */
interface TraceFormat {
    /** What a person calls it, for a list of what is expected. */
    String title();

    /** Whether a file with this beginning is of the format; names of files do not count. */
    boolean recognises(TraceHead head);

    /**
     * Begins to read a file that was recognised.
     *
     * @param bytes the whole file, unpacked, from its first byte on
     */
    FaultSource open(TraceHead head, TraceBytes bytes, BadLines badLines) throws IOException;
}
