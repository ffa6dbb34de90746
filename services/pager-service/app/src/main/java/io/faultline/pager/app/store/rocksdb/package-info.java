// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** The swap store in an embedded RocksDB. */
@NullMarked
package io.faultline.pager.app.store.rocksdb;

import org.jspecify.annotations.NullMarked;
