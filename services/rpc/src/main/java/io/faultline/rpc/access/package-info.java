// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** Who may call what, and whose VM is whose: one table, asked once a call and once a VM of a stream. */
@NullMarked
package io.faultline.rpc.access;

import org.jspecify.annotations.NullMarked;
