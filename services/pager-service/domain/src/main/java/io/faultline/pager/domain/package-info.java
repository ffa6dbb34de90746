// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/**
 * The page plane's state machine: which pages the DRAM tier holds and where, which are on their way to or from the swap
 * store, and who waits for them. It moves no bytes and does no I/O; memory is known here as numbered cells.
 */
@NullMarked
package io.faultline.pager.domain;

import org.jspecify.annotations.NullMarked;
