// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** What one thread hands to another, held to the Java memory model by jcstress. */
@NullMarked
package io.faultline.stress;

import org.jspecify.annotations.NullMarked;
