// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** Runs of the simulation, and bugs that it must find. */
@NullMarked
package io.faultline.simulation;

import org.jspecify.annotations.NullMarked;
