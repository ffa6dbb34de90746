// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

/** The swap stores that a command can start the pager with, as a user names them. */
enum SwapStore {
    /** RocksDB in the data directory: survives a restart. */
    rocksdb,
    /** In the pager's memory: for trying things. */
    memory
}
