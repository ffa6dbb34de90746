// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.message;

import io.faultline.model.Token;

/**
 * What became of a fault.
 *
 * @param kind its form
 * @param vmId the VM
 * @param sequence the fault
 * @param token with ASYNC and RESOLVED its token
 * @param detail why or how: the name of a synchronous reason, a resolution or a failure
 */
public record Outcome(Kind kind, long vmId, long sequence, int token, String detail) {
    /** The forms of an outcome. */
    public enum Kind {
        MAPPED,
        ASYNC,
        RESOLVED,
        FAILED;

        /** Whether no other outcome follows. */
        public boolean isTerminal() {
            return this != ASYNC;
        }
    }

    @Override
    public String toString() {
        return kind + " fault " + sequence + " vm " + vmId
                + (token == Token.NONE ? "" : " token " + Token.format(token)) + " " + detail;
    }
}
