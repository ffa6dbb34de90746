// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** What other policies would have missed: miniature caches that see a sample of the DRAM tier's references. */
@NullMarked
package io.faultline.pager.domain.shadow;

import org.jspecify.annotations.NullMarked;
