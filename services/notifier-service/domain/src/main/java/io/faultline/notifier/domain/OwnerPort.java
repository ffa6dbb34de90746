// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

/** Where verdicts go: the connection of the vcpu-service that owns some vCPUs. Called on the loop's thread. */
@FunctionalInterface
public interface OwnerPort {
    /** Takes a verdict; those of one vCPU come in the order in which they came about. */
    void verdict(Verdict verdict);

    /** Whether the connection is not congested; one that buffers nothing never is. */
    default boolean isWritable() {
        return true;
    }
}
