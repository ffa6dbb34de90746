// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.verify;

import io.faultline.model.Token;

/**
 * One breach of a rule.
 *
 * @param rule which
 * @param source the source whose step showed it; empty if none did
 * @param vmId the VM, or 0
 * @param vcpuId the vCPU, or 0
 * @param token the token, or {@link Token#NONE}
 * @param sequence the number of the step that showed it, or 0
 * @param what the breach in words, without the place
 */
public record Violation(Rule rule, String source, long vmId, int vcpuId, int token, long sequence, String what) {
    /** The breach and its place in one sentence. */
    public String sentence() {
        StringBuilder text = new StringBuilder();
        if (!source.isEmpty()) {
            text.append(source).append(' ');
        }
        if (vmId != 0) {
            text.append("vm ").append(vmId).append(" vcpu ").append(vcpuId).append(' ');
        }
        if (token != Token.NONE) {
            text.append("token ").append(Token.format(token)).append(' ');
        }
        if (sequence != 0) {
            text.append("step ").append(sequence).append(' ');
        }
        return text.isEmpty() ? what : text.append("- ").append(what).toString();
    }
}
