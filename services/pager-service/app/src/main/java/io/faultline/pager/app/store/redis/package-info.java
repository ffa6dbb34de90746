// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** The swap store in Redis or Valkey, one server or a cluster. */
@NullMarked
package io.faultline.pager.app.store.redis;

import org.jspecify.annotations.NullMarked;
