// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** What the planes and guests say to each other, copied out of the domains' reusable carriers. */
@NullMarked
package io.faultline.simulation.message;

import org.jspecify.annotations.NullMarked;
