// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** The real domains with a thin copy of the services' glue around them, and the swap store. */
@NullMarked
package io.faultline.simulation.plane;

import org.jspecify.annotations.NullMarked;
