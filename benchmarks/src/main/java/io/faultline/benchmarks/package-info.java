// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** What the benchmarks have in common. Each benchmark is in the package of the class that it measures. */
@NullMarked
package io.faultline.benchmarks;

import org.jspecify.annotations.NullMarked;
