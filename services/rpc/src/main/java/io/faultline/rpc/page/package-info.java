// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/**
 * The page plane's wire format without page-sized garbage: batches of {@code faultline.pager.v1} that take page bytes
 * from off-heap memory and put them there, byte for byte what generated protobuf would send.
 */
@NullMarked
package io.faultline.rpc.page;

import org.jspecify.annotations.NullMarked;
