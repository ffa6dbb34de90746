// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** Guests' frames: off-heap bytes by frame number. */
@NullMarked
package io.faultline.vcpu.app.memory;

import org.jspecify.annotations.NullMarked;
