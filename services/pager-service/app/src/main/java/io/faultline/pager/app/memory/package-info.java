// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** The DRAM tier's memory. */
@NullMarked
package io.faultline.pager.app.memory;

import org.jspecify.annotations.NullMarked;
