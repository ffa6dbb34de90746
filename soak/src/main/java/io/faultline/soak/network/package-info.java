// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** A network on loopback that can be made slow, silent and broken, without any right that a user does not have. */
@NullMarked
package io.faultline.soak.network;

import org.jspecify.annotations.NullMarked;
