// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** The swap stores beside each other. */
@NullMarked
package io.faultline.peers.stores;

import org.jspecify.annotations.NullMarked;
