// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/**
 * The VMs of this service: each a state machine of the domain with its frames' memory, and the ports through which its
 * effects reach clients and the other planes. Knows no transport. Everything runs on the service's loop.
 */
@NullMarked
package io.faultline.vcpu.app.host;

import org.jspecify.annotations.NullMarked;
