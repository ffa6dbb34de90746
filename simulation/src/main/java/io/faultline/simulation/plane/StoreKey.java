// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.plane;

/**
 * A page's name.
 *
 * @param vmId the VM
 * @param gfn the guest frame number
 * @param version the version
 */
record StoreKey(long vmId, long gfn, long version) {}
