// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** What must hold: shadows of the planes that see every input and effect and judge it. */
@NullMarked
package io.faultline.simulation.check;

import org.jspecify.annotations.NullMarked;
