// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** Benchmarks against peers in one run: rounds that take turns, medians, ratios, a table and a JSON object. */
@NullMarked
package io.faultline.peers;

import org.jspecify.annotations.NullMarked;
