// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import io.faultline.model.AuditStep;

/**
 * Where a service's steps of the audit trail go. Called on the service's event loop only: an implementation neither
 * blocks nor allocates, and copies what it needs of the step before it returns.
 */
@FunctionalInterface
public interface AuditLog {
    /** Takes a step. One that finds no room is dropped and counted; the gap in its chain's numbers shows it. */
    void append(AuditStep step);
}
