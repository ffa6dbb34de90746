// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** Simulated guests, from well-behaved to hostile. */
@NullMarked
package io.faultline.simulation.guest;

import org.jspecify.annotations.NullMarked;
