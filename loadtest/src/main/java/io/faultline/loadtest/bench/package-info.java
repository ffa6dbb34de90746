// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** Benchmarks that need no running system, or bring their own. */
@NullMarked
package io.faultline.loadtest.bench;

import org.jspecify.annotations.NullMarked;
