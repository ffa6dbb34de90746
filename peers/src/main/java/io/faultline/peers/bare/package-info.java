// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** Servers that answer the services' messages without being services: what gRPC alone would carry. */
@NullMarked
package io.faultline.peers.bare;

import org.jspecify.annotations.NullMarked;
