// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** What goes wrong while a system is soaked, one thing after another from a seed, and what it cost. */
@NullMarked
package io.faultline.soak.strike;

import org.jspecify.annotations.NullMarked;
