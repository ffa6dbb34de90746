// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Who talks to whom: certificates that say who holds them, connections that only their holders may open, and new
 * certificates taken up without a restart.
 */
@NullMarked
package io.faultline.rpc.tls;

import org.jspecify.annotations.NullMarked;
