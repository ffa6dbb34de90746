// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** The services, and other mains, as processes of their own on loopback: for tests, benchmarks and soaks. */
@NullMarked
package io.faultline.processes;

import org.jspecify.annotations.NullMarked;
