// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** Pages that a swap store can neither read nor change unnoticed. */
@NullMarked
package io.faultline.pager.app.store.seal;

import org.jspecify.annotations.NullMarked;
