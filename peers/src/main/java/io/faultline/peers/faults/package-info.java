// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** Asynchronous faults end to end, beside streams of the same messages that nobody thinks about. */
@NullMarked
package io.faultline.peers.faults;

import org.jspecify.annotations.NullMarked;
