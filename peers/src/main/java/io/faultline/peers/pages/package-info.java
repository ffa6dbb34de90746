// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** Pages fetched from pager-service's DRAM tier, beside Redis and bare gRPC. */
@NullMarked
package io.faultline.peers.pages;

import org.jspecify.annotations.NullMarked;
