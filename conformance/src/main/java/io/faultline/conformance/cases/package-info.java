// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** The protocol's cases that can be seen from outside, each a short conversation. */
@NullMarked
package io.faultline.conformance.cases;

import org.jspecify.annotations.NullMarked;
