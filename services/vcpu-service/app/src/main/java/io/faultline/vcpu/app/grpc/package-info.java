// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/**
 * The fault plane on the wire: clients' calls become inputs of the domain, its effects become messages to clients, to
 * pager-service and to notifier-service. Generated types stay in this package; everything runs on the service's loop.
 */
@NullMarked
package io.faultline.vcpu.app.grpc;

import org.jspecify.annotations.NullMarked;
