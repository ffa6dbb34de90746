// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/**
 * How the services talk: one event loop a service, output batched by its turns, channels and servers set up the same way
 * everywhere, errors with details.
 */
@NullMarked
package io.faultline.rpc;

import org.jspecify.annotations.NullMarked;
