// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** The whole system in one JVM: three services that talk gRPC over loopback, a broker, a swap store. */
@NullMarked
package io.faultline.standalone;

import org.jspecify.annotations.NullMarked;
