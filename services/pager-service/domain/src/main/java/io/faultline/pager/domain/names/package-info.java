// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** The names of pages, for whatever keeps pages in rows. */
@NullMarked
package io.faultline.pager.domain.names;

import org.jspecify.annotations.NullMarked;
