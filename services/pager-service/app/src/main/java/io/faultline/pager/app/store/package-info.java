// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** Swap stores: where pages are kept that must outlive the DRAM tier. */
@NullMarked
package io.faultline.pager.app.store;

import org.jspecify.annotations.NullMarked;
