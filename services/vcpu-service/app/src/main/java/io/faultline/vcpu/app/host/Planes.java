// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.host;

import io.faultline.audit.AuditLog;

/**
 * Everything that VMs' effects reach.
 *
 * @param outcomes whoever raised the faults
 * @param tiers the page plane
 * @param notifications the notification plane
 * @param audit the trail
 */
public record Planes(FaultOutcomes outcomes, PageTiers tiers, Notifications notifications, AuditLog audit) {}
