// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** What a recording holds: how much, of whom, when, how many pages at a time, and at which reuse distances. */
@NullMarked
package io.faultline.loadtest.trace.info;

import org.jspecify.annotations.NullMarked;
