// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/**
 * Where blocks of the audit trail wait while the broker is away: files that are only appended to, and deleted when all
 * of them has been acknowledged. Knows nothing of Kafka.
 */
@NullMarked
package io.faultline.audit.spool;

import org.jspecify.annotations.NullMarked;
