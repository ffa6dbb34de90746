// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** The vcpu-service: puts the fault plane's VMs on an event loop behind gRPC. */
@NullMarked
package io.faultline.vcpu.app;

import org.jspecify.annotations.NullMarked;
