// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/**
 * The audit trail's writing side: steps go from an event loop into a ring, from there in blocks to Kafka.
 */
@NullMarked
package io.faultline.audit;

import org.jspecify.annotations.NullMarked;
