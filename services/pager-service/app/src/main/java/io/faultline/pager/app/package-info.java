// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** pager-service: the page plane's domain with memory, a swap store, gRPC and metrics around it. */
@NullMarked
package io.faultline.pager.app;

import org.jspecify.annotations.NullMarked;
