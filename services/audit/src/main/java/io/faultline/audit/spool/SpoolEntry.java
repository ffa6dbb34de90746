// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.spool;

/**
 * A block in a spool.
 *
 * @param sequence its place in the spool; grows by 1, over restarts as well
 * @param block what was appended
 */
public record SpoolEntry(long sequence, Block block) {}
