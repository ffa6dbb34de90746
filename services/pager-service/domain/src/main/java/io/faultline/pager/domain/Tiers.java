// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

/**
 * The tiers that a pager keeps itself, and what is counted of them.
 *
 * @param table what the DRAM tier's cells hold
 * @param dram the DRAM tier
 * @param compressed the compressed tier
 * @param counters the VMs' counters
 * @param tenants the VMs that share the tiers
 */
record Tiers(PageTable table, DramTier dram, CompressedTier compressed, VmCounters counters, Tenants tenants) {}
