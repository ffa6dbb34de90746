// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** A real Kafka broker inside a JVM, for the demo, for tests and for machines that have no cluster. */
@NullMarked
package io.faultline.broker;

import org.jspecify.annotations.NullMarked;
